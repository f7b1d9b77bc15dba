"""What Whisper itself thinks of every token of the labels, having heard the whole utterance as it was recorded.

    python training/whisper_opinions.py WEIGHTS SPEECH/adapt STORES

Given the tokens before, the `KEPT` likeliest tokens in each place. A head that learns these beside the one right token keeps
Whisper's knowledge of words where its own few texts would make it forget. Writes STORES/NAME.opinions.jsonl, a line an
utterance that is learnt from; a second run goes on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from label_speech import Label, Labeller, is_usable, load_labeller, read_label_file
from speech_store import SpeechStore, open_stores

KEPT = 20
_BATCH = 8
_A_LOOK = 64


@dataclass(frozen=True)
class Opinion:
    """Of the tokens of one utterance: the likeliest ids and their log-probabilities, `KEPT` for each token."""

    index: int
    ids: list[list[int]]
    logs: list[list[float]]


Opinions = dict[str, dict[int, Opinion]]
"""Per store and utterance."""


def read_opinions(stores: Path) -> Opinions:
    found: Opinions = {}
    for file in sorted(stores.glob("*.opinions.jsonl")):
        rows = (Opinion(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())
        found[file.name.removesuffix(".opinions.jsonl")] = {row.index: row for row in rows}
    return found


def form_opinions(labeller: Labeller, store: SpeechStore, labels: list[Label], file: Path) -> None:
    done = {json.loads(line)["index"] for line in file.open(encoding="utf-8")} if file.exists() else set()
    left = [label for label in labels if is_usable(store.name, label) and label.index not in done]
    with file.open("a", encoding="utf-8") as out:
        for at in range(0, len(left), _A_LOOK):
            part = sorted(left[at : at + _A_LOOK], key=lambda label: store.utterances[label.index].count)
            for begin in range(0, len(part), _BATCH):
                some = part[begin : begin + _BATCH]
                utterances = [store.utterances[label.index] for label in some]
                heard = [(label.index, u, store.samples(u)) for label, u in zip(some, utterances)]
                for label, chances in zip(some, labeller.opinions(heard, [label.tokens for label in some])):
                    logs, ids = chances.topk(KEPT, -1)
                    rounded = [[round(value, 2) for value in row] for row in logs.tolist()]
                    out.write(json.dumps(asdict(Opinion(label.index, ids.tolist(), rounded))) + "\n")
            out.flush()
    print(f"{store.name}: {len(left)} utterances", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path, help="folder whose free clips precede the silence that Whisper attends to")
    parser.add_argument("stores", type=Path, help="with labels, see label_speech.py")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    labeller = load_labeller(arguments.weights, arguments.speech)
    for name, store in open_stores(arguments.stores).items():
        file = arguments.stores / f"{name}.labels.jsonl"
        if file.exists() and (not arguments.only or name in arguments.only):
            form_opinions(labeller, store, read_label_file(file), arguments.stores / f"{name}.opinions.jsonl")


if __name__ == "__main__":
    main()
