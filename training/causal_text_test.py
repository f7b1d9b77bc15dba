"""python -m unittest discover -s training -p '*_test.py'"""

from __future__ import annotations

import unittest

import numpy as np
import torch

from causal_encoder import BLOCK, LOOK_AHEAD, CausalEncoder, normalise_stream
from causal_targets import Row, ask, collate
from causal_text import StepDecoder, StepState, due_step
from causal_text_train import text_loss
from torch_log_mel import log_mel_stream
from whisper_opinions import KEPT

PROMPT = [50258, 50259, 50359, 50363]
WAIT = 50257
TOKENS = [440, 1002, 7, 88]


def random_head() -> StepDecoder:
    torch.manual_seed(0)
    head = StepDecoder(columns=2).eval()
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return head


class DecisionTest(unittest.TestCase):
    def test_a_token_is_due_at_the_first_step_that_has_heard_its_end(self) -> None:
        self.assertEqual([due_step(end, 0) for end in (0.01, 0.08, 0.081, 0.16)], [0, 0, 1, 1])
        self.assertEqual(due_step(0.08, 3), 3)

    def test_decisions_come_in_order_and_waits_before_the_due_step(self) -> None:
        row = Row(0, 200, "en", TOKENS, [0.4, 0.4, 0.9, 1.5], [None] * 4)
        for seed in range(20):
            asked = ask(row, PROMPT, WAIT, 2, TOKENS, np.random.default_rng(seed))
            main = [(s, t) for s, t, m in zip(asked.seen, asked.targets, asked.main) if m][3:]
            self.assertEqual([t for _, t in main], TOKENS)
            steps = [seen // BLOCK - 1 for seen, _ in main]
            self.assertTrue(all(later > earlier for earlier, later in zip(steps, steps[1:])))
            for end, step in zip(row.ends, steps):
                self.assertGreaterEqual(step, due_step(end, 2))
            for place, seen, target, is_main in zip(asked.places, asked.seen, asked.targets, asked.main):
                if not is_main:
                    self.assertEqual(target, WAIT)
                    due = due_step(row.ends[place - 3], 2) if place - 3 < len(TOKENS) else 50
                    self.assertLess(seen // BLOCK - 1, due)

    def test_training_asks_what_a_stream_would_be_asked(self) -> None:
        """The output of every main decision equals that of a stream which accepted the same tokens at the same steps."""
        head = random_head()
        rng = np.random.default_rng(3)
        states = torch.from_numpy(rng.standard_normal((1500, 512)).astype(np.float32))
        rows = [Row(100, 260, "en", TOKENS, [0.3, 0.7, 1.1, 1.6], [None] * 4), Row(400, 600, "en", TOKENS[:2], [0.5, 2.0], [None] * 2)]
        batch = collate([(row, 0) for row in rows], {"en": PROMPT}, WAIT, rng)
        with torch.no_grad():
            outputs = head.decide(batch.queries, states[batch.source], batch.frames, batch.delay)
        hidden = states[batch.source][batch.frames]
        for row in range(len(rows)):
            mine = (batch.queries.rows == row).nonzero()[:, 0].tolist()
            main = [m for m in mine if batch.queries.main[m] and batch.queries.places[m] >= 3]
            state = StepState(head, torch.tensor([PROMPT]), batch.delay[row : row + 1], 16)
            with torch.no_grad():
                cross = [head.cross(layer, hidden[row : row + 1]) for layer in range(len(head.blocks))]
            for at in main:
                state.token[0] = batch.queries.tokens[at]
                output, new = state.step(cross, batch.queries.seen[at][None])
                torch.testing.assert_close(output[0], outputs[at], rtol=1e-4, atol=1e-4)
                state.accept(torch.tensor([0]), batch.targets[at][None], new)

    def test_an_opinion_sure_of_the_right_token_is_worth_what_the_token_is_and_another_is_not(self) -> None:
        head = random_head()
        states = torch.from_numpy(np.random.default_rng(3).standard_normal((1500, 512)).astype(np.float32))

        def loss_with(opinion: float, wrong: int) -> float:
            chances = [([token + wrong, *range(2001, 2000 + KEPT)], [0.0] + [-99.0] * (KEPT - 1)) for token in TOKENS]
            row = Row(100, 260, "en", TOKENS, [0.3, 0.7, 1.1, 1.6], chances)
            batch = collate([(row, 0)], {"en": PROMPT}, WAIT, np.random.default_rng(5))
            with torch.no_grad():
                return text_loss(head, states[batch.source], batch, np.random.default_rng(7), opinion)[0].item()

        self.assertAlmostEqual(loss_with(1.0, 0), loss_with(0.0, 0), places=4)
        self.assertNotAlmostEqual(loss_with(1.0, 1), loss_with(0.0, 1), places=4)


class EncoderTest(unittest.TestCase):
    def test_what_comes_later_than_the_look_ahead_does_not_change_a_frame(self) -> None:
        torch.manual_seed(1)
        encoder = CausalEncoder().eval()
        encoder.positional_embedding.normal_(std=0.1)
        samples = torch.randn(1, 16_000 * 8) * 0.1
        changed = samples.clone()
        cut = 16_000 * 5
        changed[:, cut:] = torch.randn(1, samples.shape[1] - cut)
        with torch.no_grad():
            whole, other = (encoder.stream(normalise_stream(log_mel_stream(s))) for s in (samples, changed))
        # The last block whose look-ahead, and 12.5 ms of the next spectrogram column, ends before the cut.
        same = (cut // 1280 - LOOK_AHEAD - 1) * BLOCK
        torch.testing.assert_close(whole[:, :same], other[:, :same], rtol=0, atol=1e-5)
        self.assertGreater((whole[:, same + 2 * BLOCK :] - other[:, same + 2 * BLOCK :]).abs().max().item(), 1e-3)


if __name__ == "__main__":
    unittest.main()
