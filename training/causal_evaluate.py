"""Transcribe an evaluation folder as a stream: error rate and delay per set.

    python training/causal_evaluate.py WEIGHTS SPEECH/dev --encoder encoder.pt --head head.pt --settings 3:0 6:-1 --out OUT

Every clip is one utterance with its language given, followed by silence. A decision at a step sees only what the encoder
has finished by then, so what is written is what a live stream would write. Writes the fields of score.py, and tokens
and steps for causal_delay.py; prints a table. --offline has Whisper base hear the same clips whole: OUT/offline.jsonl.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from causal_distil import load_encoder
from causal_encoder import BLOCK, LOOK_AHEAD_MS, CausalEncoder, normalise_stream
from causal_text import DELAYS, PROMPT, StepDecoder, StepState
from causal_text_train import first_head, load_head
from causal_vocabulary import read_vocabulary
from dev_set import Clip, read_clips, read_samples
from greedy import TokenRules, load_rules
from log_mel import SAMPLE_RATE
from offline_baseline import transcribe_clips
from score import format_table, is_scorable, score_rows
from step_driver import StepDriver, feed_clips
from torch_log_mel import log_mel_stream
from vocabulary import TEXT_TOKENS
from whisper_model import load_model

_STEP_SECONDS = 0.08
_MAX_SECONDS = 28
_BATCH = 16
_MAX_TOKENS = 200
_TAIL_SECONDS = 1.6
"""Silence heard after a clip: longer than any delay."""


@dataclass(frozen=True)
class Heard:
    """The tokens of a stream and the step at which each was accepted."""

    tokens: list[int]
    steps: list[int]


@torch.inference_mode()
def hear(encoder: CausalEncoder, clips: list[np.ndarray], tail: float) -> tuple[torch.Tensor, list[int]]:
    """Hidden states [R, F, 512] of clips with `tail` seconds of silence after them, and the steps of each."""
    steps = steps_of(clips, tail)
    count = max(steps) * BLOCK * 320
    padded = np.stack([np.pad(s, (0, max(0, count + LOOK_AHEAD_MS * 16 - len(s))))[: count + LOOK_AHEAD_MS * 16] for s in clips])
    mel = normalise_stream(log_mel_stream(torch.from_numpy(padded)))
    return encoder.stream(mel)[:, : max(steps) * BLOCK], steps


@torch.inference_mode()
def stream_text(
    head: StepDecoder, rules: TokenRules, hidden: torch.Tensor, steps: list[int], languages: list[str], delay: int,
    margin: float = 0.0, kept: torch.Tensor | None = None,
) -> list[Heard]:
    """Greedy decisions, one a step; `margin` is added to waiting's logit.

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


def graph_text(folder: Path, clips: list[np.ndarray], languages: list[str], steps: list[int], original_ids: list[int]) -> list[Heard]:
    """The same decisions by an exported step graph, with the delay and margin that it was exported with."""
    driver = StepDriver(folder, languages)
    ahead = driver.manifest["text"]["delaySteps"]
    heard = [Heard([], []) for _ in clips]
    for step, said in enumerate(feed_clips(driver, clips, _TAIL_SECONDS + ahead * _STEP_SECONDS), -ahead):
        for row, token in enumerate(said):
            if token is not None and step < steps[row]:
                heard[row].tokens.append(original_ids[token])
                heard[row].steps.append(step)
    return heard


def steps_of(clips: list[np.ndarray], tail: float) -> list[int]:
    """Steps in which a clip and `tail` seconds of silence are heard."""
    return [int((len(samples) / SAMPLE_RATE + tail) / _STEP_SECONDS) for samples in clips]


def choose(clips: list[Clip], limit: int, sets: list[str]) -> list[Clip]:
    """The first clips of each set that can be scored and fit a window."""
    counts: dict[str, int] = defaultdict(int)
    chosen: list[Clip] = []
    for clip in clips:
        if (not sets or clip.set in sets) and is_scorable(clip.reference) and clip.seconds <= _MAX_SECONDS and counts[clip.set] < limit:
            counts[clip.set] += 1
            chosen.append(clip)
    return sorted(chosen, key=lambda c: c.seconds)


def as_row(rules: TokenRules, clip: Clip, heard: Heard) -> dict[str, Any]:
    row = {"path": clip.path, "set": clip.set, "lang": clip.language, "reference": clip.reference}
    return row | {"hypothesis": rules.tokenizer.decode(heard.tokens), "tokens": heard.tokens, "steps": heard.steps}


def write_rows(rows: list[dict[str, Any]], file: Path, title: str) -> None:
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{title}\n{format_table(score_rows(rows))}\n", flush=True)


def evaluate_graph(arguments: argparse.Namespace, rules: TokenRules, batches: list[list[Clip]]) -> None:
    original_ids = read_vocabulary(arguments.weights, arguments.windowed).original_ids
    rows = []
    for batch in batches:
        samples = [read_samples(c.file) for c in batch]
        texts = graph_text(arguments.graph, samples, [c.language for c in batch], steps_of(samples, _TAIL_SECONDS), original_ids)
        rows += [as_row(rules, clip, text) for clip, text in zip(batch, texts)]
    write_rows(rows, arguments.out / "graph.jsonl", str(arguments.graph))


def evaluate_torch(arguments: argparse.Namespace, rules: TokenRules, batches: list[list[Clip]]) -> None:
    encoder = load_encoder(arguments.encoder).eval()
    head = load_head(arguments.weights, arguments.head) if arguments.head else first_head(arguments.weights, arguments.adapt)
    head.eval()
    heard = [hear(encoder, [read_samples(c.file) for c in batch], _TAIL_SECONDS) for batch in batches]
    for delay, margin in ((int(d), float(m)) for d, m in (setting.split(":") for setting in arguments.settings)):
        rows = []
        for batch, (hidden, steps) in zip(batches, heard):
            texts = stream_text(head, rules, hidden, steps, [c.language for c in batch], delay, margin)
            rows += [as_row(rules, clip, text) for clip, text in zip(batch, texts)]
        write_rows(rows, arguments.out / f"{delay}_{margin:g}.jsonl", f"delay {delay}, margin {margin:g}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--encoder", type=Path, help="not needed with --graph alone")
    parser.add_argument("--head", type=Path, help="without it Whisper's decoder as it was; needs --adapt")
    parser.add_argument("--adapt", type=Path)
    parser.add_argument(
        "--settings", nargs="+", default=["3:0"], metavar="DELAY:MARGIN",
        help=f"steps of 80 ms beyond the look-ahead (0–{DELAYS - 1}), and what is added to waiting's logit: below 0 hurries",
    )
    parser.add_argument("--limit", type=int, default=48)
    parser.add_argument("--graph", type=Path, help="an exported folder, instead of --encoder and --head: OUT/graph.jsonl")
    parser.add_argument("--windowed", type=Path, default=Path("models/whisper-base"), help="with --graph: model folder whose vocabulary it has")
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True, help="folder; one file a setting, DELAY_MARGIN.jsonl")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    if not (arguments.encoder or arguments.graph):
        parser.error("--encoder or --graph is needed")
    torch.set_num_threads(arguments.threads)
    rules = load_rules(arguments.weights)
    clips = choose(read_clips(arguments.speech), arguments.limit, arguments.sets)
    batches = [clips[at : at + _BATCH] for at in range(0, len(clips), _BATCH)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.graph:
        evaluate_graph(arguments, rules, batches)
    if arguments.encoder:
        evaluate_torch(arguments, rules, batches)
    if arguments.offline:
        texts = transcribe_clips(load_model(arguments.weights), rules, clips)
        rows = [as_row(rules, clip, Heard([], [])) | {"hypothesis": text} for clip, text in zip(clips, texts)]
        write_rows(rows, arguments.out / "offline.jsonl", "Whisper base, offline")


if __name__ == "__main__":
    main()
