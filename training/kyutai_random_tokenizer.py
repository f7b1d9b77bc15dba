"""A SentencePiece model of any size, with the special tokens where Kyutai's have them."""

from __future__ import annotations

from pathlib import Path

from sentencepiece import sentencepiece_model_pb2 as schema

SPECIAL = ("<end_pad>", "<unk>", "</s>", "<pad>")
_SYLLABLES = [a + b for a in "bdfglmnprstvz" for b in ("a", "e", "i", "o", "u", "é", "ou", "an")]


def write_tokenizer(path: Path, tokens: int) -> None:
    """Every other piece begins a word."""
    model = schema.ModelProto()
    kinds = schema.ModelProto.SentencePiece
    for i in range(tokens):
        if i < len(SPECIAL):
            kind = kinds.UNKNOWN if SPECIAL[i] == "<unk>" else kinds.CONTROL
            model.pieces.add(piece=SPECIAL[i], score=0, type=kind)
            continue
        number, begins = divmod(i - len(SPECIAL), 2)
        turn, syllable = divmod(number, len(_SYLLABLES))
        text = _SYLLABLES[syllable] * (1 + turn)
        model.pieces.add(piece=text if begins else "▁" + text, score=-float(i), type=kinds.NORMAL)
    model.trainer_spec.unk_id = SPECIAL.index("<unk>")
    model.trainer_spec.bos_id = -1
    model.trainer_spec.eos_id = SPECIAL.index("</s>")
    model.trainer_spec.pad_id = SPECIAL.index("<pad>")
    model.normalizer_spec.name = "identity"
    path.write_bytes(model.SerializeToString())
