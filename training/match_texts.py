"""Give recordings without a text the part of a book that they read, found by what Whisper heard.

    python training/match_texts.py WEIGHTS STORES human-fleursdumal FOLDER/*.txt

Whisper's hearing of verse is too wrong to learn from and good enough to find the place: its letters are aligned with those
of every poem (edit distance, free ends). Where at most 40 in 100 differ, the utterance's text becomes the book's, cut at words.
Rewrites STORES/NAME.jsonl and puts NAME.labels.jsonl away as NAME.heard.jsonl; label again with `label_speech.py --only-texts`.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from label_speech import read_label_file
from speech_store import open_stores
from vocabulary import load_tokenizer

_MOST_ERRORS = 0.4
_FEWEST_LETTERS = 12
_PLACES_TRIED = 3
_WORD = re.compile(r"\w*")


def prose(verse: str, common: set[str]) -> str:
    """Lines joined; the capital at the head of a line goes where no sentence begins, if its word is among the `common` ones."""
    out = ""
    for line in (line.strip() for line in verse.replace("--", " ").replace("_", "").splitlines()):
        if not line or line == line.upper():
            continue
        inside = out and out[-1] not in ".!?…»\""
        first = line[0].lower() + line[1:]
        out += " " * bool(out) + (first if inside and _WORD.match(first)[0] in common else line)
    return " ".join(out.split())


def letters_of(text: str) -> tuple[str, list[int]]:
    """Letters without accents and marks, one space between words (apostrophes join); and where each stands in `text`."""
    kept, places = "", []
    for place, character in enumerate(text):
        if character in "'’":
            continue
        plain = unicodedata.normalize("NFD", character.lower())[0]
        if character in "œŒæÆ":
            plain = "e"
        letter = plain if plain.isalnum() else " "
        if letter != " " or (kept and kept[-1] != " "):
            kept += letter
            places.append(place)
    return kept, places


def best_span(heard: str, book: str) -> tuple[int, int, int]:
    """Begin and end in `book` of the part nearest to `heard`, and its edit distance."""
    codes = np.frombuffer(book.encode("utf-32-le"), np.uint32)
    columns = np.arange(len(book) + 1)
    costs = np.zeros((len(heard) + 1, len(book) + 1), np.int32)
    for row, letter in enumerate(heard, 1):
        best = costs[row - 1] + 1
        best[1:] = np.minimum(best[1:], costs[row - 1, :-1] + (codes != ord(letter)))
        costs[row] = np.minimum.accumulate(best - columns) + columns
    end = at = int(costs[-1].argmin())
    row = len(heard)
    while row:
        if at and costs[row, at] == costs[row - 1, at - 1] + (codes[at - 1] != ord(heard[row - 1])):
            row, at = row - 1, at - 1
        elif costs[row, at] == costs[row - 1, at] + 1:
            row -= 1
        else:
            at -= 1
    return at, end, int(costs[-1, end])


def whole_words(book: str, begin: int, end: int) -> tuple[int, int]:
    """The span widened or narrowed to the nearest ends of words."""
    starts = [0, *(i + 1 for i, c in enumerate(book) if c == " ")]
    ends = [*(i for i, c in enumerate(book) if c == " "), len(book.rstrip())]
    return min(starts, key=lambda i: abs(i - begin)), min(ends, key=lambda i: abs(i - end))


class Book:
    def __init__(self, texts: list[str]) -> None:
        common = {word for text in texts for word in _WORD.findall(text) if word.islower()}
        self._texts = [prose(text, common) for text in texts]
        self._letters = [letters_of(text) for text in self._texts]
        self._words = [set(letters.split()) for letters, _ in self._letters]

    def find(self, heard: str) -> str | None:
        """The part of the book that was read, or None."""
        letters = letters_of(heard)[0].strip()
        if len(letters) < _FEWEST_LETTERS:
            return None
        words = {word for word in letters.split() if len(word) > 3}
        likely = sorted(range(len(self._texts)), key=lambda i: -len(words & self._words[i]))[:_PLACES_TRIED]
        spans = [(*best_span(letters, self._letters[i][0]), i) for i in likely]
        begin, end, errors, index = min(spans, key=lambda span: span[2])
        book, places = self._letters[index]
        begin, end = whole_words(book, begin, end)
        if errors > _MOST_ERRORS * len(letters) or end <= begin:
            return None
        last = places[end] if end < len(places) else len(self._texts[index])
        return self._texts[index][places[begin] : last].strip(" «»\"(")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("stores", type=Path)
    parser.add_argument("name")
    parser.add_argument("texts", type=Path, nargs="+")
    arguments = parser.parse_args()
    tokenizer = load_tokenizer(arguments.weights)
    store = open_stores(arguments.stores)[arguments.name]
    book = Book([file.read_text(encoding="utf-8-sig") for file in arguments.texts])
    labels = arguments.stores / f"{store.name}.labels.jsonl"
    found = {label.index: book.find(tokenizer.decode(label.tokens)) for label in read_label_file(labels)}
    part = (arguments.stores / f"{store.name}.jsonl").with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        for index, utterance in enumerate(store.utterances):
            out.write(json.dumps(asdict(replace(utterance, text=found.get(index))), ensure_ascii=False) + "\n")
    labels.rename(arguments.stores / f"{store.name}.heard.jsonl")
    part.replace(arguments.stores / f"{store.name}.jsonl")
    print(f"{store.name}: {sum(text is not None for text in found.values())} of {len(heard)} found")


if __name__ == "__main__":
    main()
