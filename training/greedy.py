"""Greedy decoding in PyTorch with the original vocabulary, batched, with a cap on loops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
import json

import torch
from tokenizers import Tokenizer
from torch import Tensor

from vocabulary import TEXT_TOKENS, load_tokenizer
from whisper_model import Decoder, DecoderCache

MAX_TOKENS = 220


@dataclass(frozen=True)
class TokenRules:
    """What decoding starts with and never emits, in original ids."""

    tokenizer: Tokenizer
    suppressed: Tensor
    suppressed_first: Tensor

    def prompt(self, language: str) -> list[int]:
        names = ("<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>")
        return [self.tokenizer.token_to_id(n) for n in names]


def load_rules(weights: Path) -> TokenRules:
    config = json.loads((weights / "config.json").read_text())
    always = {i for i in config["suppress_ids"] if i >= 0} | set(range(TEXT_TOKENS + 1, 51_865))
    return TokenRules(load_tokenizer(weights), torch.tensor(sorted(always)), torch.tensor(config["suppress_ids_begin"]))


def is_looping(tokens: list[int]) -> bool:
    """Whether the end of the tokens repeats: a unit of 1–12 tokens at least three times over at least six tokens."""
    for unit in range(1, 13):
        repeats = max(3, -(-6 // unit))
        if len(tokens) >= unit * repeats and all(
            tokens[-unit * (r + 1) : -unit * r or None] == tokens[-unit:] for r in range(1, repeats)
        ):
            return True
    return False


@torch.no_grad()
def decode(
    decoder: Decoder, cache: DecoderCache, rules: TokenRules, languages: list[str], limits: list[int] | None = None,
    allow_empty: bool = False, cut_loops: bool = False,
) -> list[str]:
    """Texts of the rows of a fresh cache; `limits` caps each row's tokens.

    `allow_empty` lets a row end at once (the original never does); `cut_loops` ends a row that repeats itself.
    """
    rows = [rules.prompt(language) for language in languages]
    first = len(rows[0])
    limits = limits or [MAX_TOKENS] * len(rows)
    done = [False] * len(rows)
    new = torch.tensor(rows)
    for step in range(max(limits)):
        hidden = decoder(new, cache)[:, -1:]
        logits = decoder.logits(hidden)[:, 0].float()
        logits[:, rules.suppressed] = float("-inf")
        if step == 0 and not allow_empty:
            logits[:, rules.suppressed_first] = float("-inf")
        best = logits.argmax(-1)
        for row, token in enumerate(best.tolist()):
            if done[row]:
                continue
            if token == TEXT_TOKENS:
                done[row] = True
                continue
            rows[row].append(token)
            looping = cut_loops and is_looping(rows[row][first:])
            done[row] = looping or len(rows[row]) - first >= limits[row]
        if all(done):
            break
        new = best[:, None]
    return [rules.tokenizer.decode(row[first:]) for row in rows]
