"""python -m unittest discover -s training -p '*_test.py'"""

from __future__ import annotations

import unittest

import numpy as np

from channel_balance import READERS, balance

_WIDTH, _LOUD = 8, 3


class BalanceTest(unittest.TestCase):
    def setUp(self) -> None:
        rng = np.random.default_rng(1)
        self.x = rng.normal(size=(20, _WIDTH)).astype(np.float32)
        self.tensors: dict[str, np.ndarray] = {}
        for norm, readers in READERS.items():
            self.tensors[f"{norm}.weight"] = rng.normal(size=_WIDTH).astype(np.float32)
            self.tensors[f"{norm}.weight"][_LOUD] = 100
            self.tensors[f"{norm}.bias"] = rng.normal(size=_WIDTH).astype(np.float32)
            self.tensors |= {f"{reader}.weight": rng.normal(size=(5, _WIDTH)).astype(np.float32) for reader in readers}

    def heard(self, tensors: dict[str, np.ndarray], norm: str) -> np.ndarray:
        return self.x * tensors[f"{norm}.weight"] + tensors[f"{norm}.bias"]

    def test_products_stay_the_same_and_no_channel_is_loud(self) -> None:
        balanced = balance(self.tensors, {norm: np.abs(self.heard(self.tensors, norm)).max(0) for norm in READERS})
        for norm, readers in READERS.items():
            before, after = self.heard(self.tensors, norm), self.heard(balanced, norm)
            for reader in readers:
                was, now = (y @ tensors[f"{reader}.weight"].T for y, tensors in ((before, self.tensors), (after, balanced)))
                np.testing.assert_allclose(now, was, rtol=1e-4, atol=1e-3)
            peaks = np.abs(after).max(0)
            self.assertLess(peaks[_LOUD] / np.median(peaks), np.abs(before).max(0)[_LOUD] / np.median(np.abs(before).max(0)) / 3)

    def test_every_norm_that_a_product_reads_is_there(self) -> None:
        self.assertEqual(len(READERS), 1 + 6 * 5)


if __name__ == "__main__":
    unittest.main()
