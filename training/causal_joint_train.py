"""Phase 3: train the encoder's upper layers and the text head together, by what they write.

    python training/causal_joint_train.py WEIGHTS STORES RUN --encoder causal-encoder.pt --head head.pt --minutes 90

The loss of the text goes back through the frames into the encoder; in every third step the distance from Whisper's own encoder
is added, so that it stays a general ear where texts are few. The convolutions and the rolling layers stay as they are: they
differ least from Whisper's. RUN gets encoder.pt, head.pt (fp16) and log.jsonl; a second run
with the same folder continues it, its learning rate included. Two processes with --peer use two cores better than two threads do.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from causal_distil import (
    Distiller, add_machine_options, load_encoder, product_type, random_offset, random_segment, save_encoder, use_machine,
)
from causal_encoder import ROLLING_LAYERS, CausalEncoder, normalise_stream
from causal_peers import meet
from causal_targets import FRAMES_A_SECOND
from causal_text_train import freeze, load_head, save_head, text_loss
from greedy import load_rules
from whisper_model import load_model
from window_batches import Windows, batches_of, hearings_of

_DISTANCE_EVERY, _DISTANCE_WEIGHT = 3, 0.9
_NEW_FASTER = 5
"""Learning rate of the delay's vectors and the gate, relative to the rest."""
_SILENT = 0.06
_LAST_PART = 0.4
_SAVE_SECONDS = 150
_LOG_STEPS = 20

SHARES = {
    "human-fleursdumal": 0.05,
    "human-tuxpaint": 0.06,
    "human-asterisk-june-8k": 0.06,
    "human-asterisk-armelle-gsm": 0.03,
    "espeak-fr": 0.05,
    "kokoro-fr": 0.25,
    "human-speechocean762": 0.15,
    "human-kathleen": 0.08,
    "human-asterisk-allison-8k": 0.08,
    "piper-en": 0.05,
    "flite-en": 0.04,
    "kokoro-en": 0.20,
}
"""How often each store is heard; those without labels are left out."""


def freeze_lower(encoder: CausalEncoder) -> None:
    for module in (encoder.conv1, encoder.conv2, *encoder.blocks[:ROLLING_LAYERS]):
        module.requires_grad_(False)


def rate_until(done: float, step: int, warm_up: int) -> float:
    """Learning rate factor: warm-up, then full, then a line from 1 to 0.1 over the last part of the time.

    On shared cores nobody knows how many steps there will be; so most of them are taken at the full rate.
    """
    return min(1.0, (step + 1) / warm_up) * min(1.0, 0.1 + 0.9 * max(0.0, 1 - done) / _LAST_PART)


def seconds_before(log: Path) -> tuple[int, float, float]:
    """Steps, hours heard and seconds of the run so far."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    last = json.loads(lines[-1]) if lines else {"step": 0, "heardHours": 0.0, "wallSeconds": 0.0}
    return last["step"], last["heardHours"], last["wallSeconds"]


def train(arguments: argparse.Namespace) -> None:
    run = arguments.run
    run.mkdir(parents=True, exist_ok=True)
    encoder_file, head_file, log_file = run / "encoder.pt", run / "head.pt", run / "log.jsonl"
    first_step, heard, before = seconds_before(log_file)
    rng = np.random.default_rng([arguments.seed, first_step])
    encoder = load_encoder(encoder_file if encoder_file.exists() else arguments.encoder).train()
    head = load_head(arguments.weights, head_file if head_file.exists() else arguments.head).train()
    freeze_lower(encoder)
    freeze(head)
    dtype = product_type()
    distiller = Distiller(load_model(arguments.weights), dtype)
    rules = load_rules(arguments.weights)
    prompts = {language: rules.prompt(language) for language in ("en", "fr")}
    new = [*head.wait_gate.parameters(), head.delay_embedding]
    known = [p for p in head.parameters() if p.requires_grad and all(p is not n for n in new)]
    ears = [p for p in encoder.parameters() if p.requires_grad]
    rates = (arguments.encoder_rate, arguments.rate, arguments.rate * _NEW_FASTER)
    groups = [{"params": part} for part in (ears, known, new)]
    optimiser = torch.optim.AdamW(groups, lr=arguments.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    windows = Windows(arguments.stores, SHARES, arguments.rows, [arguments.seed, first_step], prompts, _SILENT)
    sounds = hearings_of(batches_of(windows, arguments.makers), arguments.times, roll=False)
    begun = saved = time.monotonic()
    step, sums = 0, {}
    with log_file.open("a", encoding="utf-8") as log:
        while (elapsed := before + time.monotonic() - begun) < arguments.minutes * 60:
            raw, batch = next(sounds)
            inner: list[torch.Tensor] = []
            with torch.autocast(arguments.device, dtype, enabled=dtype is torch.bfloat16):
                states = encoder.stream(normalise_stream(raw), random_offset(rng), inner, random_segment(rng))
                hidden = states.flatten(0, 1)[batch.source]
                loss, facts = text_loss(head, hidden, batch, rng)
                facts["loss"] = loss.item()
                if step % _DISTANCE_EVERY == 0:
                    distance = distiller.distance(raw, states, inner)
                    facts |= {"distance": distance.last.item() * _DISTANCE_EVERY, "read": distance.read.item() * _DISTANCE_EVERY}
                    loss = loss + _DISTANCE_WEIGHT * distance.loss()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*ears, *known, *new], 1.0)
            for group, rate in zip(optimiser.param_groups, rates):
                group["lr"] = rate * rate_until(elapsed / (arguments.minutes * 60), step, arguments.warm_up)
            optimiser.step()
            step += 1
            heard += len(batch.source) / FRAMES_A_SECOND / 3600
            for name, value in facts.items():
                sums[name] = sums.get(name, 0.0) + value / _LOG_STEPS
            if step % _LOG_STEPS == 0:
                row = {"step": first_step + step, "heardHours": round(heard, 3), "wallSeconds": round(elapsed)}
                log.write(json.dumps(row | {name: round(value, 4) for name, value in sums.items()}) + "\n")
                log.flush()
                sums = {}
            if time.monotonic() - saved > _SAVE_SECONDS:
                if arguments.peer and (arguments.peer / "head.pt").exists():
                    meet(head, arguments.peer / "head.pt")
                    meet(encoder, arguments.peer / "encoder.pt")
                save_encoder(encoder, encoder_file)
                save_head(head, head_file)
                saved = time.monotonic()
    # Before the interpreter ends: processes that make windows may not outlive it.
    del sounds
    save_encoder(encoder, encoder_file)
    save_head(head, head_file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("stores", type=Path, help="with labels, see label_speech.py")
    parser.add_argument("run", type=Path)
    parser.add_argument("--encoder", type=Path, required=True, help="to start from")
    parser.add_argument("--head", type=Path, required=True, help="to start from")
    parser.add_argument("--minutes", type=float, default=60, help="of the whole run, what it did before included")
    parser.add_argument("--peer", type=Path, help="another run side by side, with another seed: both take the mean of both at every save")
    parser.add_argument("--encoder-rate", type=float, default=6e-5)
    parser.add_argument("--rate", type=float, default=4e-5)
    parser.add_argument("--warm-up", type=int, default=40, help="steps until the full rate")
    parser.add_argument("--seed", type=int, default=1)
    add_machine_options(parser)
    arguments = parser.parse_args()
    use_machine(arguments)
    train(arguments)


if __name__ == "__main__":
    main()
