"""The pruned vocabulary of an exported model, and which of Whisper's tokens it stands for."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from vocabulary import SPECIAL_NAMES, Vocabulary, load_tokenizer, special_id, token_bytes_of


def read_vocabulary(weights: Path, model: Path) -> Vocabulary:
    """That of models/whisper-base/ (vocabulary.json and manifest.json), with original ids found by the tokens' bytes."""
    tokenizer = load_tokenizer(weights)
    original = token_bytes_of(tokenizer)
    stored = json.loads((model / "vocabulary.json").read_text())
    special = json.loads((model / "manifest.json").read_text())["tokens"]
    names = {index: name for name, index in special.items()}
    ids, pieces = [], []
    for index, text in enumerate(stored):
        piece = None if text is None else base64.b64decode(text)
        pieces.append(piece)
        ids.append(special_id(tokenizer, SPECIAL_NAMES[names[index]]) if piece is None else original[piece])
    config = json.loads((weights / "config.json").read_text())
    never = {i for i in config["suppress_ids"] if i >= 0}
    suppressed = [index for index, old in enumerate(ids) if old in never or (pieces[index] is None and names[index] != "endOfText")]
    return Vocabulary(ids, special, pieces, suppressed)
