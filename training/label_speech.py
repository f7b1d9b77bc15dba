"""Give every utterance of the stores its tokens and the time at which each token has been spoken.

    python training/label_speech.py WEIGHTS SPEECH/adapt STORES [--only human-kathleen …]

Offline Whisper base is the aligner: the text is forced through its decoder and the path of its alignment heads gives the
times. Utterances without text get what Whisper hears, greedily. STORES/NAME.labels.jsonl has a line an utterance: its
index, original token ids, `ends` in seconds, and the mean log-probability that Whisper gives the text (low: a wrong
text, or words that it does not hear; training leaves them out). A second run goes on where the first stopped.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import median_filter
from torch import Tensor

from greedy import TokenRules, decode, load_rules
from log_mel import SAMPLE_RATE, log_mel
from silence_columns import choose_clips, silence_columns
from speech_store import SpeechStore, Utterance, open_stores
from vocabulary import TEXT_TOKENS
from whisper_model import ALIGNMENT_HEADS, DecoderCache, SilenceColumns, Whisper, load_model

FRAME_SECONDS = 0.02
_FRAME = 320
_SILENCE = SAMPLE_RATE
_BATCH = 16
_COLUMNS = 10
_QUIET_DECIBELS = 38
"""A frame this far under the utterance's loudest is not speech: a word ends before it."""
_WORST_HUMAN, _WORST_OTHER = -1.2, -2.5
"""Labels to which Whisper gives a lower mean log-probability are left out: the text is not what is said, or unheard."""


@dataclass(frozen=True)
class Label:
    index: int
    tokens: list[int]
    ends: list[float]
    """Seconds after the utterance's beginning, never falling."""
    log_probability: float


def written(text: str) -> str:
    """Texts in lower case without marks get a capital and a full stop, as the model writes."""
    text = " ".join(text.split())
    if text and text == text.lower() and not text[-1] in ".!?":
        text = text[0].upper() + text[1:] + "."
    return text


def best_path(scores: np.ndarray) -> np.ndarray:
    """First frame of every row of scores [rows, T] on the best path that visits all rows in order."""
    rows, frames = scores.shape
    total = np.full(rows, -np.inf)
    total[0] = scores[0, 0]
    came_up = np.zeros((frames, rows), bool)
    for frame in range(1, frames):
        from_above = np.concatenate([[-np.inf], total[:-1]])
        came_up[frame] = from_above > total
        total = np.where(came_up[frame], from_above, total) + scores[:, frame]
    first = np.zeros(rows, int)
    row = rows - 1
    for frame in range(frames - 1, 0, -1):
        if came_up[frame, row]:
            first[row] = frame
            row -= 1
    return first


def frame_levels(samples: np.ndarray) -> np.ndarray:
    """Level of every 20 ms in dB relative to the loudest."""
    count = len(samples) // _FRAME
    power = (samples[: count * _FRAME].reshape(count, _FRAME) ** 2).mean(1)
    return 10 * np.log10(power / power.max(initial=1e-12) + 1e-9)


def ends_of(first: np.ndarray, levels: np.ndarray) -> list[float]:
    """Where each token ends: at the beginning of the next, without the silence before that."""
    ends: list[float] = []
    for start, stop in zip(first[:-1], first[1:]):
        loud = np.flatnonzero(levels[start:stop] > -_QUIET_DECIBELS)
        end = start + loud[-1] + 1 if len(loud) else start + 1
        ends.append(max(round(end * FRAME_SECONDS, 2), ends[-1] if ends else 0.0))
    return ends


def read_label_file(file: Path) -> list[Label]:
    return [Label(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def is_usable(store: str, label: Label) -> bool:
    worst = _WORST_HUMAN if store.startswith("human-") else _WORST_OTHER
    return bool(label.tokens) and label.log_probability >= worst


class Labeller:
    def __init__(self, model: Whisper, rules: TokenRules, silence: tuple[SilenceColumns, SilenceColumns]) -> None:
        self._model, self._rules = model, rules
        self._own, self._cross = silence

    def _start(self, batch: list[np.ndarray]) -> tuple[DecoderCache, list[int]]:
        """Cross-attention cache of utterances padded together, each with a second of silence, and their frames."""
        frames = [-(-(len(samples) + _SILENCE) // _FRAME) for samples in batch]
        width = max(frames)
        mels = np.zeros((len(batch), 80, 2 * width), np.float32)
        bias = torch.full((len(batch), width), -1e9)
        for row, (samples, count) in enumerate(zip(batch, frames)):
            mel = log_mel(samples, count * _FRAME - len(samples))
            mels[row, :, : mel.shape[1]] = mel
            bias[row, :count] = 0
        hidden = self._model.encoder(torch.as_tensor(mels, device=bias.device), bias, self._own)
        return self._model.decoder.start(hidden, bias, self._cross), frames

    def _encode_text(self, text: str) -> list[int]:
        return self._rules.tokenizer.encode(" " + text, add_special_tokens=False).ids

    def _path(self, weights: list[Tensor], row: int, tokens: int, frames: int) -> np.ndarray:
        """First frame of each token and of the end, from the attention weights of all layers."""
        heads = torch.stack([weights[layer][row, head, 3 : 4 + tokens, :frames] for layer, head in ALIGNMENT_HEADS])
        heads = heads.float()
        scaled = (heads - heads.mean(1, keepdim=True)) / (heads.std(1, keepdim=True) + 1e-6)
        return best_path(median_filter(scaled.cpu().numpy(), (1, 1, 7)).mean(0))

    @torch.no_grad()
    def label(self, batch: list[tuple[int, Utterance, np.ndarray]]) -> list[Label]:
        cache, frames = self._start([samples for _, _, samples in batch])
        texts = [utterance.text for _, utterance, _ in batch]
        if any(text is None for text in texts):
            limits = [int(8 + 8 * utterance.seconds) for _, utterance, _ in batch]
            languages = [utterance.language for _, utterance, _ in batch]
            heard = decode(self._model.decoder, cache, self._rules, languages, limits, allow_empty=True, cut_loops=True)
            texts = [h.strip() if text is None else text for h, text in zip(heard, texts)]
            cache.past, cache.length = [None] * len(cache.past), 0
        return self._judge(batch, cache, frames, [self._encode_text(written(text)) if text else [] for text in texts])

    @torch.no_grad()
    def align(self, batch: list[tuple[int, Utterance, np.ndarray]], rows: list[list[int]]) -> list[Label]:
        """The same for given tokens."""
        return self._judge(batch, *self._start([samples for _, _, samples in batch]), rows)

    @torch.no_grad()
    def opinions(self, batch: list[tuple[int, Utterance, np.ndarray]], rows: list[list[int]]) -> list[Tensor]:
        """Log-probabilities [tokens, text tokens] of what could stand in the place of each of the given tokens."""
        cache, _ = self._start([samples for _, _, samples in batch])
        hidden = self._model.decoder(self._inputs(batch, rows), cache)
        parts = (self._model.decoder.logits(hidden[row, 3 : 3 + len(tokens)]) for row, tokens in enumerate(rows))
        return [logits[:, :TEXT_TOKENS].float().log_softmax(-1) for logits in parts]

    def _inputs(self, batch: list[tuple[int, Utterance, np.ndarray]], rows: list[list[int]]) -> Tensor:
        """int64 [R, prompt + tokens]: what the decoder is given to judge tokens, padded."""
        width = max(len(tokens) for tokens in rows)
        prompts = [self._rules.prompt(utterance.language) for _, utterance, _ in batch]
        return torch.tensor([p + t + [TEXT_TOKENS] * (width - len(t)) for p, t in zip(prompts, rows)])

    def _judge(
        self, batch: list[tuple[int, Utterance, np.ndarray]], cache: DecoderCache, frames: list[int], rows: list[list[int]]
    ) -> list[Label]:
        weights: list[Tensor] = []
        hidden = self._model.decoder(self._inputs(batch, rows), cache, weights)
        labels: list[Label] = []
        for row, (index, _, samples) in enumerate(batch):
            tokens = rows[row]
            if tokens and len(tokens) < frames[row] - 50:
                logits = self._model.decoder.logits(hidden[row, 3 : 3 + len(tokens)]).float()
                chosen = logits.log_softmax(-1).gather(1, torch.tensor(tokens)[:, None]).mean().item()
                first = self._path(weights, row, len(tokens), -(-len(samples) // _FRAME) + 1)
                labels.append(Label(index, tokens, ends_of(first, frame_levels(samples)), round(chosen, 3)))
            else:
                labels.append(Label(index, [], [], 0.0))
        return labels


def load_labeller(weights: Path, speech: Path) -> Labeller:
    """`speech`: folder whose free clips precede the silence that Whisper attends to."""
    model = load_model(weights)
    return Labeller(model, load_rules(weights), silence_columns(model, choose_clips(speech), _COLUMNS))


def label_store(labeller: Labeller, store: SpeechStore, file: Path, only_texts: bool) -> None:
    done = sum(1 for _ in file.open(encoding="utf-8")) if file.exists() else 0
    with file.open("a", encoding="utf-8") as out:
        for begin in range(done, len(store.utterances), 8 * _BATCH):
            part = range(begin, min(begin + 8 * _BATCH, len(store.utterances)))
            order = sorted(part, key=lambda i: (store.utterances[i].text is None, store.utterances[i].count))
            found: dict[int, Label] = {}
            if only_texts:
                found = {i: Label(i, [], [], 0.0) for i in part if store.utterances[i].text is None}
                order = [i for i in order if i not in found]
            for at in range(0, len(order), _BATCH):
                members = [(i, store.utterances[i]) for i in order[at : at + _BATCH]]
                labels = labeller.label([(i, u, store.samples(u)) for i, u in members])
                found |= {label.index: label for label in labels}
            for index in part:
                out.write(json.dumps(asdict(found[index])) + "\n")
            out.flush()
    print(f"{store.name}: {len(store.utterances)} utterances", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path, help="folder whose free clips precede the silence that Whisper attends to")
    parser.add_argument("stores", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--only-texts", action="store_true", help="leave out utterances without text instead of what Whisper hears")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_default_device(arguments.device)
    labeller = load_labeller(arguments.weights, arguments.speech)
    stores = open_stores(arguments.stores)
    for name in arguments.only or stores:
        label_store(labeller, stores[name], arguments.stores / f"{name}.labels.jsonl", arguments.only_texts)


if __name__ == "__main__":
    main()
