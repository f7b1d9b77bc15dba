"""python -m unittest discover -s training -p '*_test.py'"""

from __future__ import annotations

import argparse
import unittest

import torch

from causal_mean import mean_of, read_share


class MeanTest(unittest.TestCase):
    def test_shares_need_not_sum_to_one(self) -> None:
        mean = mean_of([({"w": torch.tensor([1.0, 2.0])}, 3.0), ({"w": torch.tensor([5.0, 6.0])}, 1.0)])
        self.assertEqual(mean["w"].tolist(), [2.0, 3.0])

    def test_what_the_first_does_not_have_is_left_out(self) -> None:
        self.assertEqual(list(mean_of([({"w": torch.zeros(1)}, 1.0), ({"w": torch.zeros(1), "embedding": torch.zeros(1)}, 1.0)])), ["w"])

    def test_a_share_belongs_to_a_file(self) -> None:
        self.assertEqual(read_share("runs/a:b/head.pt:0.25"), ("runs/a:b/head.pt", 0.25))
        for wrong in ("head.pt", "head.pt:", ":0.5", "head.pt:-1", "head.pt:half"):
            with self.assertRaises(argparse.ArgumentTypeError):
                read_share(wrong)


if __name__ == "__main__":
    unittest.main()
