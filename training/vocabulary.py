"""Choose the pruned vocabulary: Whisper's tokens that French and English text really uses."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import wordfreq
from tokenizers import Tokenizer

TEXT_TOKENS = 50_257
"""Ids below this are byte-pair tokens; the rest are special tokens and time stamps."""

SPECIAL_NAMES = {
    "endOfText": "<|endoftext|>",
    "startOfTranscript": "<|startoftranscript|>",
    "en": "<|en|>",
    "fr": "<|fr|>",
    "transcribe": "<|transcribe|>",
    "startOfPrev": "<|startofprev|>",
    "noSpeech": "<|nospeech|>",
    "noTimestamps": "<|notimestamps|>",
}

_WORDS_PER_LANGUAGE = 120_000
_SHORT_FORMS = frozenset("'s 't 're 've 'm 'll 'd … « » ’ – — €".split())


@dataclass(frozen=True)
class Vocabulary:
    """A selection of Whisper's vocabulary; a token's pruned id is its index in `original_ids`."""

    original_ids: list[int]
    """Original id of each pruned id, text tokens first."""
    special: dict[str, int]
    """Pruned id of each special token, under the manifest's names."""
    token_bytes: list[bytes | None]
    """Bytes of each text token, None for special tokens."""
    suppressed: list[int]
    """Pruned ids that decoding never emits."""

    def __len__(self) -> int:
        return len(self.original_ids)

    def decode(self, ids: list[int]) -> str:
        """Text of pruned ids; special tokens are skipped."""
        return b"".join(self.token_bytes[i] or b"" for i in ids).decode("utf-8", "replace")

    def to_json(self) -> list[str | None]:
        """The array of vocabulary.json: base64 of each text token's bytes, null for special tokens."""
        return [None if b is None else base64.b64encode(b).decode() for b in self.token_bytes]


def load_tokenizer(weights: Path) -> Tokenizer:
    return Tokenizer.from_file(str(weights / "tokenizer.json"))


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's printable stand-in of each byte, inverted."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {chr(b): b for b in printable}
    shifted = (b for b in range(256) if b not in printable)
    table.update({chr(256 + i): b for i, b in enumerate(shifted)})
    return table


def token_bytes_of(tokenizer: Tokenizer) -> dict[bytes, int]:
    """Original id of every text token, by its bytes."""
    alphabet = _byte_alphabet()
    return {bytes(alphabet[c] for c in token): index for token, index in tokenizer.get_vocab().items() if index < TEXT_TOKENS}


def special_id(tokenizer: Tokenizer, name: str) -> int:
    """Original id of a special token; the 'no speech' token has had two spellings."""
    found = tokenizer.token_to_id(name)
    return found if found is not None else tokenizer.token_to_id("<|nocaptions|>")


def token_weights(tokenizer: Tokenizer) -> Counter[int]:
    """Expected uses of each token per word of running text, summed over both languages.

    Word frequencies come from wordfreq; every word is counted as it appears
    inside a sentence, with a small share at its start or in capitals, and
    after the apostrophe of a French elision.
    """
    weights: Counter[int] = Counter()
    shapes = (
        (lambda w: " " + w, 1.0),
        (lambda w: " " + w.capitalize(), 0.15),
        (lambda w: w, 0.1),
        (lambda w: w.capitalize(), 0.05),
        (lambda w: " " + w.upper(), 0.005),
    )
    for language in ("en", "fr"):
        words = wordfreq.top_n_list(language, _WORDS_PER_LANGUAGE, wordlist="large")
        frequencies = [wordfreq.word_frequency(w, language, wordlist="large") for w in words]
        for shape, share in shapes:
            encodings = tokenizer.encode_batch([shape(w) for w in words], add_special_tokens=False)
            for encoding, frequency in zip(encodings, frequencies):
                for token in encoding.ids:
                    weights[token] += frequency * share
    return weights


def always_kept(tokenizer: Tokenizer) -> set[int]:
    """Single bytes, numbers, punctuation and contractions: small sets that any caption may need."""
    alphabet = _byte_alphabet()
    kept: set[int] = set()
    for token, index in tokenizer.get_vocab().items():
        if index >= TEXT_TOKENS:
            continue
        text = bytes(alphabet[c] for c in token).decode("utf-8", "replace")
        core = text.strip()
        is_number = core.isdigit() and len(core) <= 4
        is_mark = len(core) <= 3 and core.isascii() and not any(c.isalnum() for c in core)
        if len(token) == 1 or is_number or is_mark or core in _SHORT_FORMS:
            kept.add(index)
    return kept


def used_by(tokenizer: Tokenizer, texts: list[str]) -> Counter[int]:
    """How often each token occurs in the texts, written as Whisper writes them (leading space)."""
    encodings = tokenizer.encode_batch([" " + t.strip() for t in texts], add_special_tokens=False)
    return Counter(i for e in encodings for i in e.ids)


def choose_vocabulary(weights: Path, texts: list[str], size: int) -> tuple[Vocabulary, dict[str, float]]:
    """Pick `size` tokens by frequency, with all those of `texts`; also return facts about coverage."""
    tokenizer = load_tokenizer(weights)
    frequency = token_weights(tokenizer)
    in_texts = used_by(tokenizer, texts)
    config = json.loads((weights / "config.json").read_text())
    suppressed = {i for i in config["suppress_ids"] if 0 <= i < TEXT_TOKENS}

    specials = {key: special_id(tokenizer, name) for key, name in SPECIAL_NAMES.items()}
    required = always_kept(tokenizer)
    ranked = [i for i, _ in frequency.most_common() if i not in required]
    by_frequency = required | set(ranked[: size - len(specials) - len(required)])
    missing = set(in_texts) - by_frequency
    chosen = sorted(required | set(ranked[: size - len(specials) - len(required) - len(missing)]) | missing)

    original = chosen + list(specials.values())
    pruned = {old: new for new, old in enumerate(original)}
    names = {i: t for t, i in tokenizer.get_vocab().items()}
    alphabet = _byte_alphabet()
    token_bytes: list[bytes | None] = [bytes(alphabet[c] for c in names[i]) for i in chosen]
    token_bytes += [None] * len(specials)
    special = {key: pruned[i] for key, i in specials.items()}
    silent = [pruned[i] for i in sorted(suppressed) if i in pruned]
    silent += [i for key, i in special.items() if key != "endOfText"]

    kept = set(chosen)
    facts = {
        "tokens": len(original),
        "frequencyCovered": sum(f for i, f in frequency.items() if i in kept) / sum(frequency.values()),
        "textUsesCoveredByFrequencyAlone": sum(n for i, n in in_texts.items() if i in by_frequency) / max(1, sum(in_texts.values())),
        "textTokensAdded": len(missing),
    }
    return Vocabulary(original, special, token_bytes, sorted(silent)), facts
