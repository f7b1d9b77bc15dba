"""Transcribe an evaluation folder as a stream: error rate and delay per set.

    python training/causal_evaluate.py WEIGHTS SPEECH/dev --encoder encoder.pt --head head.pt --delay 3 --out streaming.jsonl

Every clip is one utterance with its language given, followed by silence. A decision at a step sees only what the encoder
has finished by then, so what is written is what a live stream would write. The delay of a word is the audio heard when
its last token was accepted (look-ahead included) minus the word's end, which offline Whisper's alignment of the
*recognised* text gives. Writes the fields of score.py and the delays; prints a table.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from causal_distil import load_encoder
from causal_encoder import BLOCK, CausalEncoder, normalise_stream
from causal_text import DELAYS, PROMPT, StepDecoder, StepState
from causal_text_train import first_head, load_head
from dev_set import Clip, read_clips, read_samples
from greedy import TokenRules, load_rules
from log_mel import SAMPLE_RATE
from score import format_table, is_scorable, score_rows
from torch_log_mel import log_mel_stream
from vocabulary import TEXT_TOKENS

_STEP_SECONDS = 0.08
_MAX_SECONDS = 28
_BATCH = 16
_MAX_TOKENS = 200


@dataclass(frozen=True)
class Heard:
    """The tokens of a stream and the step at which each was accepted."""

    tokens: list[int]
    steps: list[int]


@torch.inference_mode()
def hear(encoder: CausalEncoder, clips: list[np.ndarray], look_ahead: int, tail: float) -> tuple[torch.Tensor, list[int]]:
    """Hidden states [R, F, 512] of clips with `tail` seconds of silence after them, and the steps of each."""
    steps = [int((len(samples) / SAMPLE_RATE + tail) / _STEP_SECONDS) for samples in clips]
    count = max(steps) * BLOCK * 320
    padded = np.stack([np.pad(s, (0, max(0, count + look_ahead * 16 - len(s))))[: count + look_ahead * 16] for s in clips])
    mel = normalise_stream(log_mel_stream(torch.from_numpy(padded)))
    return encoder.stream(mel, look_ahead)[:, : max(steps) * BLOCK], steps


@torch.inference_mode()
def stream_text(
    head: StepDecoder, rules: TokenRules, hidden: torch.Tensor, steps: list[int], languages: list[str], delay: int,
    margin: float = 0.0, kept: torch.Tensor | None = None,
) -> list[Heard]:
    """Greedy decisions, one a step; a token must beat waiting by `margin` in log-probability.

    `kept`: original ids of the tokens that may be said, those of a pruned vocabulary.
    """
    rows = len(steps)
    prompts = torch.tensor([rules.prompt(language) for language in languages])
    state = StepState(head, prompts, torch.full((rows,), delay), _MAX_TOKENS + PROMPT)
    cross = [head.cross(layer, hidden) for layer in range(len(head.blocks))]
    heard = [Heard([], []) for _ in range(rows)]
    output = head.token_embedding.weight.T.contiguous()
    silent = torch.ones(output.shape[1], dtype=torch.bool)
    silent[torch.arange(len(silent)) if kept is None else kept] = False
    silent[rules.suppressed] = True
    for step in range(max(steps)):
        states, new = state.step(cross, torch.full((rows,), (step + 1) * BLOCK))
        logits = head.gated(states, states @ output, TEXT_TOKENS)
        logits[:, silent] = float("-inf")
        logits[:, TEXT_TOKENS] += margin
        best = logits.argmax(-1).tolist()
        accepted: list[int] = []
        for row, token in enumerate(best):
            said = heard[row]
            if token == TEXT_TOKENS or step >= steps[row] or len(said.tokens) >= _MAX_TOKENS:
                continue
            said.tokens.append(token)
            said.steps.append(step)
            accepted.append(row)
        if accepted:
            index = torch.tensor(accepted)
            state.accept(index, torch.tensor([best[row] for row in accepted]), new)
    return heard


def choose(clips: list[Clip], limit: int, sets: list[str]) -> list[Clip]:
    """The first clips of each set that can be scored and fit a window."""
    counts: dict[str, int] = defaultdict(int)
    chosen: list[Clip] = []
    for clip in clips:
        if (not sets or clip.set in sets) and is_scorable(clip.reference) and clip.seconds <= _MAX_SECONDS and counts[clip.set] < limit:
            counts[clip.set] += 1
            chosen.append(clip)
    return sorted(chosen, key=lambda c: c.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--head", type=Path, help="without it Whisper's decoder as it was; needs --adapt")
    parser.add_argument("--adapt", type=Path)
    parser.add_argument("--look-ahead", type=int, default=480)
    parser.add_argument("--delay", type=int, default=3, help=f"steps of 80 ms beyond the look-ahead, 0–{DELAYS - 1}")
    parser.add_argument("--margin", type=float, default=0.0)
    parser.add_argument("--limit", type=int, default=48)
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rules = load_rules(arguments.weights)
    encoder = load_encoder(arguments.encoder).eval()
    head = load_head(arguments.weights, arguments.head) if arguments.head else first_head(arguments.weights, arguments.adapt)
    head.eval()
    clips = choose(read_clips(arguments.speech), arguments.limit, arguments.sets)
    tail = (arguments.look_ahead / 80 + arguments.delay + 8) * _STEP_SECONDS
    rows = []
    for at in range(0, len(clips), _BATCH):
        batch = clips[at : at + _BATCH]
        hidden, steps = hear(encoder, [read_samples(c.file) for c in batch], arguments.look_ahead, tail)
        texts = stream_text(head, rules, hidden, steps, [c.language for c in batch], arguments.delay, arguments.margin)
        for clip, heard in zip(batch, texts):
            row = {"path": clip.path, "set": clip.set, "lang": clip.language, "reference": clip.reference}
            row |= {"hypothesis": rules.tokenizer.decode(heard.tokens), "tokens": heard.tokens, "steps": heard.steps}
            rows.append(row)
    with arguments.out.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(format_table(score_rows(rows)))


if __name__ == "__main__":
    main()
