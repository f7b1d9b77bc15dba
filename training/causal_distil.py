"""Phase 1: teach the causal encoder to give what Whisper's own encoder gives with the whole window before it.

    python training/causal_distil.py WEIGHTS STORES RUN --init causal-encoder.pt --minutes 60

No texts are needed. --init may be an encoder of another layout of look-ahead, or a mean of one with Whisper's own (causal_mean.py). Loss: squared error of the last layer over each dimension's spread, and 0.2 times the same at layers 2
and 4. RUN gets encoder.pt (fp16) every few minutes and log.jsonl; a second run with the same folder continues it. Its
learning rate falls to a tenth over --minutes; stores are looked at again every few minutes, so speech may be added meanwhile.
Two processes with --peer use two cores better than two threads do.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from causal_encoder import CausalEncoder, normalise_stream
from causal_peers import meet
from speech_store import open_stores
from speech_windows import WINDOW_SECONDS, Window, WindowMaker
from torch_log_mel import log_mel_stream, normalise_clip
from whisper_model import FRAMES, Encoder, load_model

ROWS = 2
_SAVE_SECONDS = 150
_LOG_STEPS = 10
_INNER_LAYERS, _INNER_WEIGHT = (1, 3), 0.2
SEGMENTS, SEGMENT_SHARES = (1, 2, 4), (0.1, 0.3, 0.6)
"""Blocks that are worked out together, and how often: one is what a stream does, four cost half as much."""

SHARES = {
    "human-speechocean762": 0.14,
    "human-kathleen": 0.07,
    "human-asterisk-allison-8k": 0.05,
    "human-fleursdumal": 0.18,
    "human-tuxpaint": 0.04,
    "human-asterisk-june-8k": 0.03,
    "human-asterisk-armelle-gsm": 0.03,
    "espeak-en": 0.08,
    "espeak-fr": 0.16,
    "flite-en": 0.08,
    "piper-en": 0.08,
    "kokoro-fr": 0.20,
    "kokoro-en": 0.12,
}
"""How often each store is heard; stores that are not there are left out."""


def save_encoder(encoder: nn.Module, file: Path) -> None:
    """fp16 under OpenAI's names, replaced as a whole."""
    part = file.with_suffix(".part")
    torch.save({name: value.half() for name, value in encoder.state_dict().items()}, part)
    part.replace(file)


def load_encoder(file: Path) -> CausalEncoder:
    encoder = CausalEncoder()
    encoder.load_state_dict({name: value.float() for name, value in torch.load(file, map_location="cpu").items()})
    return encoder


class Distiller:
    """The distance between student and teacher on windows. `dtype`: bfloat16 where the processor multiplies it (AMX)."""

    def __init__(self, teacher: Encoder, dtype: torch.dtype) -> None:
        self._teacher = teacher.to(dtype).eval().requires_grad_(False)
        self._dtype = dtype
        self._spreads: list[Tensor] = []

    def _teach(self, raw: Tensor) -> list[Tensor]:
        inner: list[Tensor] = []
        with torch.no_grad():
            last = self._teacher(normalise_clip(raw).to(self._dtype), inner=inner)
        wanted = [*(inner[i].float() for i in _INNER_LAYERS), last.float()]
        if not self._spreads:
            self._spreads = [w.reshape(-1, w.shape[-1]).std(0).clamp(min=w.std() * 0.1) for w in wanted]
        return wanted

    def distance(self, raw: Tensor, last: Tensor, inner: list[Tensor]) -> tuple[Tensor, Tensor]:
        """(last layer's, sum of the inner ones') relative squared error of the student's states."""
        wanted = self._teach(raw)
        given = [*(inner[i].float() for i in _INNER_LAYERS), last.float()]
        errors = [(((g - w) / s) ** 2).mean() for g, w, s in zip(given, wanted, self._spreads)]
        return errors[-1], torch.stack(errors[:-1]).sum()


def random_offset(rng: np.random.Generator) -> int:
    return 0 if rng.random() < 0.4 else int(rng.integers(FRAMES))


def random_segment(rng: np.random.Generator) -> int:
    return int(rng.choice(SEGMENTS, p=SEGMENT_SHARES))


def stack_raw(windows: list[Window]) -> Tensor:
    """Raw log-mel [B, 80, 3003]"""
    return log_mel_stream(torch.from_numpy(np.stack([w.samples for w in windows])))


def rate_at(done: float, step: int, warm_up: int) -> float:
    """Learning rate factor: warm-up, then a cosine from 1 to 0.1 as `done` goes to 1."""
    return min(1.0, (step + 1) / warm_up) * (0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, done))))


def train(arguments: argparse.Namespace) -> None:
    rng = np.random.default_rng(arguments.seed)
    arguments.run.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.run / "encoder.pt"
    student = load_encoder(checkpoint if checkpoint.exists() else arguments.init).train()
    for convolution in (student.conv1, student.conv2):
        convolution.requires_grad_(False)
    dtype = torch.bfloat16 if torch.cpu._is_amx_tile_supported() else torch.float32
    distiller = Distiller(load_model(arguments.weights).encoder, dtype)
    trained = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=arguments.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    maker = WindowMaker(open_stores(arguments.stores), SHARES, rng)
    begun = saved = time.monotonic()
    step, sums = 0, np.zeros(2)
    with (arguments.run / "log.jsonl").open("a", encoding="utf-8") as log:
        while (elapsed := time.monotonic() - begun) < arguments.minutes * 60:
            raw = stack_raw([maker.window() for _ in range(ROWS)])
            inner: list[Tensor] = []
            with torch.autocast("cpu", dtype, enabled=dtype is torch.bfloat16):
                last = student.stream(normalise_stream(raw), random_offset(rng), inner, random_segment(rng))
                outer_error, inner_error = distiller.distance(raw, last, inner)
            optimiser.zero_grad()
            (outer_error + _INNER_WEIGHT * inner_error).backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            for group in optimiser.param_groups:
                group["lr"] = arguments.rate * rate_at(elapsed / (arguments.minutes * 60), step, arguments.warm_up)
            optimiser.step()
            step += 1
            sums += (outer_error.item(), inner_error.item())
            if step % _LOG_STEPS == 0:
                seconds = time.monotonic() - begun
                row = {"step": step, "heardHours": round(step * ROWS * WINDOW_SECONDS / 3600, 3), "wallSeconds": round(seconds)}
                row |= {"last": round(sums[0] / _LOG_STEPS, 4), "inner": round(sums[1] / _LOG_STEPS, 4)}
                log.write(json.dumps(row) + "\n")
                log.flush()
                sums[:] = 0
            if time.monotonic() - saved > _SAVE_SECONDS:
                if arguments.peer and (arguments.peer / "encoder.pt").exists():
                    meet(student, arguments.peer / "encoder.pt")
                save_encoder(student, checkpoint)
                maker = WindowMaker(open_stores(arguments.stores), SHARES, rng)
                saved = time.monotonic()
    save_encoder(student, checkpoint)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("stores", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--init", type=Path, required=True, help="encoder to start from (fp16 state dict)")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--peer", type=Path, help="another run side by side, with another seed: both take the mean of both at every save")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--warm-up", type=int, default=60, help="steps until the full rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments)


if __name__ == "__main__":
    main()
