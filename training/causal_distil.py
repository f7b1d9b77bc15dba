"""Phase 1: teach the causal encoder to give what Whisper's own encoder gives with the whole window before it.

    python training/causal_distil.py WEIGHTS STORES RUN --init causal-encoder.pt --minutes 60

No texts are needed. --init may be an encoder of another layout of look-ahead, or a mean of one with Whisper's own
(causal_mean.py). Loss: squared error of the last layer over each dimension's spread, the same of the keys and values that
Whisper's decoder makes of it, and 0.2 times the same at layers 2 and 4. RUN gets encoder.pt (fp16) every few minutes and
log.jsonl; a second run with the same folder continues it. Its learning rate falls to a tenth over --minutes; stores are looked
at again every few minutes, so speech may be added meanwhile. Two processes with --peer use two cores better than two threads
do; with --device cuda one process takes --rows 32, and --makers make its windows.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from causal_encoder import CausalEncoder, normalise_stream
from causal_peers import meet
from speech_windows import WINDOW_SECONDS
from torch_log_mel import normalise_clip
from whisper_model import FRAMES, Whisper, load_model
from window_batches import Windows, batches_of, hearings_of

_SAVE_SECONDS = 150
_LOG_STEPS = 10
_INNER_LAYERS, _INNER_WEIGHT = (1, 3), 0.2
_READ_WEIGHT = 1.0
SEGMENTS, SEGMENT_SHARES = (1, 2, 4), (0.1, 0.3, 0.6)
"""Blocks that are worked out together, and how often: one is what a stream does, four cost half as much."""

SHARES = {
    "human-speechocean762": 0.17,
    "human-kathleen": 0.09,
    "human-asterisk-allison-8k": 0.06,
    "human-fleursdumal": 0.18,
    "human-tuxpaint": 0.04,
    "human-asterisk-june-8k": 0.04,
    "human-asterisk-armelle-gsm": 0.03,
    "espeak-en": 0.02,
    "espeak-fr": 0.03,
    "flite-en": 0.04,
    "piper-en": 0.04,
    "kokoro-fr": 0.16,
    "kokoro-en": 0.14,
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


@dataclass(frozen=True)
class Distance:
    """Squared errors of the student's states, relative to each dimension's spread."""

    last: Tensor
    inner: Tensor
    """Of two lower layers, summed."""
    read: Tensor
    """Of the keys and values that Whisper's decoder makes of the last layer: what it will look at."""

    def loss(self) -> Tensor:
        return self.last + _INNER_WEIGHT * self.inner + _READ_WEIGHT * self.read


class Distiller:
    """How far a student's states are from Whisper's own. `dtype`: what the teacher is multiplied in."""

    def __init__(self, teacher: Whisper, dtype: torch.dtype) -> None:
        self._teacher = teacher.encoder.to(dtype).eval().requires_grad_(False)
        self._dtype = dtype
        looks = [part.weight for block in teacher.decoder.blocks for part in (block.cross_attn.key, block.cross_attn.value)]
        self._reader = torch.cat(looks).detach().to(dtype)
        self._spreads: list[Tensor] = []

    def _teach(self, raw: Tensor) -> list[Tensor]:
        inner: list[Tensor] = []
        with torch.no_grad():
            last = self._teacher(normalise_clip(raw).to(self._dtype), inner=inner)
        wanted = [*(inner[i].float() for i in _INNER_LAYERS), last.float()]
        if not self._spreads:
            read = F.linear(last, self._reader).float()
            self._spreads = [w.reshape(-1, w.shape[-1]).std(0).clamp(min=w.std() * 0.1) for w in (*wanted, read)]
        return wanted

    def distance(self, raw: Tensor, last: Tensor, inner: list[Tensor]) -> Distance:
        wanted = self._teach(raw)
        given = [*(inner[i].float() for i in _INNER_LAYERS), last.float()]
        missed = [g - w for g, w in zip(given, wanted)]
        errors = [((m / s) ** 2).mean() for m, s in zip(missed, self._spreads)]
        read = F.linear(missed[-1].to(self._dtype), self._reader).float()
        return Distance(errors[-1], torch.stack(errors[:-1]).sum(), ((read / self._spreads[-1]) ** 2).mean())


def random_offset(rng: np.random.Generator) -> int:
    return 0 if rng.random() < 0.4 else int(rng.integers(FRAMES))


def random_segment(rng: np.random.Generator) -> int:
    return int(rng.choice(SEGMENTS, p=SEGMENT_SHARES))


def product_type() -> torch.dtype:
    """bfloat16 where it is multiplied faster: on a GPU, and by processors with AMX."""
    fast = torch.get_default_device().type == "cuda" or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def add_machine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--rows", type=int, default=2, help="windows a step")
    parser.add_argument("--makers", type=int, default=0, help="processes that make windows (0: this one)")
    parser.add_argument("--times", type=int, default=1, help="how often every window is heard, otherwise coloured, where making them takes longest")
    parser.add_argument("--threads", type=int, default=1)


def use_machine(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(arguments.threads)
    torch.set_default_device(arguments.device)


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
    dtype = product_type()
    distiller = Distiller(load_model(arguments.weights), dtype)
    trained = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=arguments.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    windows = Windows(arguments.stores, SHARES, arguments.rows, [arguments.seed])
    sounds = hearings_of(batches_of(windows, arguments.makers), arguments.times, roll=True)
    begun = saved = time.monotonic()
    step, sums = 0, np.zeros(3)
    with (arguments.run / "log.jsonl").open("a", encoding="utf-8") as log:
        while (elapsed := time.monotonic() - begun) < arguments.minutes * 60:
            raw, _ = next(sounds)
            inner: list[Tensor] = []
            with torch.autocast(arguments.device, dtype, enabled=dtype is torch.bfloat16):
                last = student.stream(normalise_stream(raw), random_offset(rng), inner, random_segment(rng))
                distance = distiller.distance(raw, last, inner)
            optimiser.zero_grad()
            distance.loss().backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            for group in optimiser.param_groups:
                group["lr"] = arguments.rate * rate_at(elapsed / (arguments.minutes * 60), step, arguments.warm_up)
            optimiser.step()
            step += 1
            sums += (distance.last.item(), distance.inner.item(), distance.read.item())
            if step % _LOG_STEPS == 0:
                seconds = time.monotonic() - begun
                row = {"step": step, "heardHours": round(step * arguments.rows * WINDOW_SECONDS / 3600, 3), "wallSeconds": round(seconds)}
                row |= {name: round(value / _LOG_STEPS, 4) for name, value in zip(("last", "inner", "read"), sums)}
                log.write(json.dumps(row) + "\n")
                log.flush()
                sums[:] = 0
            if time.monotonic() - saved > _SAVE_SECONDS:
                if arguments.peer and (arguments.peer / "encoder.pt").exists():
                    meet(student, arguments.peer / "encoder.pt")
                save_encoder(student, checkpoint)
                saved = time.monotonic()
    # Before the interpreter ends: processes that make windows may not outlive it.
    del sounds
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
    add_machine_options(parser)
    arguments = parser.parse_args()
    use_machine(arguments)
    train(arguments)


if __name__ == "__main__":
    main()
