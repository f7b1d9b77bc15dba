"""The bytes of each text token, from the SentencePiece model or from transformers' tokenizer.json."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import sentencepiece

from kyutai_config import CheckpointError, read_json

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_SPACE = "▁"


def read_vocabulary(folder: Path, model: Path, tokens: int) -> list[str | None]:
    """Base64 of each token's UTF-8 bytes, null for tokens that are not text; `tokens` long.

    Reads `model` if it exists, else tokenizer.json in `folder`.
    """
    if model.exists():
        pieces = _sentencepiece(model)
    elif (folder / "tokenizer.json").exists():
        pieces = _tokenizers(folder / "tokenizer.json")
    else:
        raise CheckpointError(f"neither {model} nor {folder / 'tokenizer.json'} exists: no vocabulary")
    if len(pieces) != tokens:
        raise CheckpointError(f"{model if model.exists() else folder} has {len(pieces)} pieces; the model says {tokens}")
    return [None if piece is None else base64.b64encode(piece).decode() for piece in pieces]


def piece_bytes(piece: str) -> bytes:
    """A word's first piece begins with a space; byte pieces are one raw byte."""
    byte = _BYTE.fullmatch(piece)
    return bytes.fromhex(byte[1]) if byte else piece.replace(_SPACE, " ").encode()


def _sentencepiece(path: Path) -> list[bytes | None]:
    try:
        model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as broken:
        raise CheckpointError(f"{path} is not a SentencePiece model: {broken}") from broken
    silent = (model.is_control, model.is_unknown, model.is_unused)
    return [
        None if any(kind(i) for kind in silent) else piece_bytes(model.id_to_piece(i)) for i in range(len(model))
    ]


def _tokenizers(path: Path) -> list[bytes | None]:
    raw = read_json(path)
    pieces: list[bytes | None] = [piece_bytes(piece) for piece, _ in raw["model"]["vocab"]]
    special = [token["id"] for token in raw.get("added_tokens", []) if token["special"]]
    for index in [*special, raw["model"].get("unk_id")]:
        if index is not None and index < len(pieces):
            pieces[index] = None
    return pieces
