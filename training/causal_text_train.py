"""Phase 2: train the text head on cached features of the causal encoder.

    python training/causal_text_train.py WEIGHTS SPEECH/adapt STORES FEATURES RUN --minutes 60 [--head head.pt --opinion 0.5]

Starts from Whisper's own decoder, in which end-of-text already means "nothing more so far". Its token embedding and the
keys and values that it makes of the encoder's frames stay as they are: together most of the work. RUN gets head.pt (fp16, without the embedding) and log.jsonl; a second run with the same folder continues it.
Two processes with --peer use two cores better than two threads do.
The loss looks at the tokens of the batch and a few thousand drawn at random instead of the whole vocabulary. With --opinion a
share of it is not the one right token but what Whisper thinks of that place (whisper_opinions.py), and what is trained is drawn
back a little at every step to what it began as: nine hours of texts are soon learnt by heart.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from causal_distil import rate_at
from causal_features import Features
from causal_peers import meet
from causal_targets import FRAMES_A_SECOND, Row, RowMaker, TextBatch, collate, read_labels
from causal_text import StepDecoder
from greedy import load_rules
from silence_columns import choose_clips, silence_columns
from vocabulary import TEXT_TOKENS
from whisper_model import load_model
from whisper_opinions import read_opinions

_FRAMES_A_BATCH = 2500
_DRAWN_TOKENS = 3000
_SAVE_SECONDS = 100
_NEW_FASTER = 20
"""Learning rate of what Whisper does not have, relative to the rest."""
_LOG_STEPS = 25
_EMBEDDING = "token_embedding.weight"


def save_head(head: StepDecoder, file: Path) -> None:
    part = file.with_suffix(".part")
    torch.save({name: value.half() for name, value in head.state_dict().items() if name != _EMBEDDING}, part)
    part.replace(file)


def first_head(weights: Path, speech: Path) -> StepDecoder:
    """Whisper's decoder as it is, with virtual silence."""
    model = load_model(weights)
    _, silence = silence_columns(model, choose_clips(speech), 10)
    head = StepDecoder()
    head.load_state_dict(model.decoder.state_dict(), strict=False)
    head.set_silence(silence)
    return head


def load_head(weights: Path, file: Path) -> StepDecoder:
    head = StepDecoder()
    state = {name: value.float() for name, value in torch.load(file, map_location="cpu").items()}
    embedding = load_model(weights).decoder.token_embedding.weight.detach()
    head.load_state_dict(state | {_EMBEDDING: embedding})
    return head


def freeze(head: StepDecoder) -> None:
    head.token_embedding.requires_grad_(False)
    for block in head.blocks:
        block.cross_attn.key.requires_grad_(False)
        block.cross_attn.value.requires_grad_(False)


def text_loss(
    head: StepDecoder, hidden: Tensor, batch: TextBatch, rng: np.random.Generator, opinion: float = 0.0,
) -> tuple[Tensor, dict[str, float]]:
    """Weighted cross-entropy over a drawn vocabulary, and what to tell about it; `hidden` [N, 512] are the frames of `source`.

    `opinion`: share of Whisper's opinion in what is aimed at, where it was asked.
    """
    drawn = torch.as_tensor(rng.integers(0, TEXT_TOKENS, _DRAWN_TOKENS), device=batch.targets.device)
    asked = batch.weights > 0
    wanted = batch.targets[asked]
    likely = batch.likely[asked]
    vocabulary, places = torch.unique(torch.cat([wanted, torch.tensor([TEXT_TOKENS]), drawn, likely.flatten()]), return_inverse=True)
    output = head.decide(batch.queries, hidden, batch.frames, batch.delay)[asked]
    target = places[: len(wanted)]
    logits = head.gated(output, output @ head.token_embedding.weight[vocabulary].T, int(places[len(wanted)]))
    right = F.cross_entropy(logits, target, reduction="none")
    losses, facts = right, {}
    if opinion:
        chances = batch.chances[asked]
        taught = chances.sum(-1) > 0.5
        places_of_likely = places[-likely.numel() :].view(likely.shape)
        soft = -(chances * logits.log_softmax(-1).gather(1, places_of_likely)).sum(-1)
        facts["opinion"] = soft[taught].mean().item() if taught.any() else 0.0
        losses = torch.where(taught, (1 - opinion) * right + opinion * soft, right)
    weights = batch.weights[asked]
    with torch.no_grad():
        named = logits.argmax(-1) == target
        waits = wanted == TEXT_TOKENS
        facts |= {"token": right[~waits].mean().item() if (~waits).any() else 0.0, "tokenRight": named[~waits].float().mean().item() if (~waits).any() else 0.0}
        facts |= {"wait": right[waits].mean().item(), "waitRight": named[waits].float().mean().item()}
    return (losses * weights).sum() / weights.sum(), facts


class Batches:
    """Rows of random windows, as many as fit a batch."""

    def __init__(self, features: Features, maker: RowMaker, prompts: dict[str, list[int]], rng: np.random.Generator) -> None:
        self._features, self._maker, self._prompts, self._rng = features, maker, prompts, rng

    def draw(self) -> tuple[Tensor, TextBatch]:
        """Frames float32 [N, 512] and what is asked about them."""
        rows: list[tuple[Row, int]] = []
        states: list[Tensor] = []
        frames = 0
        while frames < _FRAMES_A_BATCH:
            window = int(self._rng.integers(len(self._features.placed)))
            for row in self._maker.rows(self._features.placed[window]):
                rows.append((row, len(states)))
                frames += row.last - row.first
            states.append(torch.from_numpy(np.array(self._features.hidden[window])))
        batch = collate(rows, self._prompts, TEXT_TOKENS, self._rng)
        return torch.cat(states)[batch.source].float(), batch


def train(arguments: argparse.Namespace) -> None:
    rng = np.random.default_rng(arguments.seed)
    arguments.run.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.run / "head.pt"

    def first() -> StepDecoder:
        return load_head(arguments.weights, arguments.head) if arguments.head else first_head(arguments.weights, arguments.speech)

    head = load_head(arguments.weights, checkpoint) if checkpoint.exists() else first()
    freeze(head)
    trained = [parameter for parameter in head.parameters() if parameter.requires_grad]
    anchors: list[tuple[Tensor, Tensor]] = []
    if arguments.draw:
        home = first()
        anchors = [(p, home.get_parameter(name).detach()) for name, p in head.named_parameters() if p.requires_grad and p.ndim > 1]
    new = [*head.wait_gate.parameters(), head.delay_embedding]
    groups = [{"params": [p for p in trained if all(p is not n for n in new)]}, {"params": new}]
    rates = (arguments.rate, arguments.rate * _NEW_FASTER)
    optimiser = torch.optim.AdamW(groups, lr=arguments.rate, betas=(0.9, 0.98), weight_decay=0.0 if arguments.draw else 0.01, fused=True)
    rules = load_rules(arguments.weights)
    prompts = {language: rules.prompt(language) for language in ("en", "fr")}

    def batches() -> Batches:
        features = Features(arguments.features)
        opinions = read_opinions(arguments.stores) if arguments.opinion else None
        return Batches(features, RowMaker(read_labels(arguments.stores), rng, opinions), prompts, rng)

    source = batches()
    begun = saved = time.monotonic()
    step, heard, sums = 0, 0.0, {}
    with (arguments.run / "log.jsonl").open("a", encoding="utf-8") as log:
        while (elapsed := time.monotonic() - begun) < arguments.minutes * 60:
            hidden, batch = source.draw()
            loss, facts = text_loss(head, hidden, batch, rng, arguments.opinion)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            for group, rate in zip(optimiser.param_groups, rates):
                group["lr"] = rate * rate_at(elapsed / (arguments.minutes * 60), step, arguments.warm_up)
            optimiser.step()
            with torch.no_grad():
                for parameter, anchor in anchors:
                    parameter.lerp_(anchor, arguments.draw * optimiser.param_groups[0]["lr"])
            step += 1
            heard += len(hidden) / FRAMES_A_SECOND / 3600
            for name, value in (facts | {"loss": loss.item()}).items():
                sums[name] = sums.get(name, 0.0) + value / _LOG_STEPS
            if step % _LOG_STEPS == 0:
                row = {"step": step, "heardHours": round(heard, 3), "wallSeconds": round(elapsed)}
                log.write(json.dumps(row | {name: round(value, 4) for name, value in sums.items()}) + "\n")
                log.flush()
                sums = {}
            if time.monotonic() - saved > _SAVE_SECONDS:
                if arguments.peer and (arguments.peer / "head.pt").exists():
                    meet(head, arguments.peer / "head.pt")
                save_head(head, checkpoint)
                source = batches()
                saved = time.monotonic()
    save_head(head, checkpoint)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path, help="folder whose free clips precede the silence that the decoder attends to")
    parser.add_argument("stores", type=Path)
    parser.add_argument("features", type=Path, help="as given to causal_features.py")
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--peer", type=Path, help="another run side by side, with another seed: both take the mean of both at every save")
    parser.add_argument("--head", type=Path, help="to start from; without it Whisper's own decoder")
    parser.add_argument("--opinion", type=float, default=0.0, help="share of Whisper's opinion in the loss of a token")
    parser.add_argument("--draw", type=float, default=0.0, help="how strongly it is drawn back to where it began, times the rate a step")
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--warm-up", type=int, default=60, help="steps until the full rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments)


if __name__ == "__main__":
    main()
