"""Whisper in PyTorch with OpenAI's parameter names and room for constant silence columns.

Shapes: B rows, T encoder frames of 20 ms, n tokens, C silence columns, 8 heads of 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ctranslate2_weights import load_whisper

LAYERS, HEADS, HEAD_DIM, WIDTH = 6, 8, 64, 512
VOCABULARY, POSITIONS, FRAMES = 51_865, 448, 1_500
ALIGNMENT_HEADS = ((3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6))


@dataclass
class SilenceColumns:
    """Keys and values of silence that every row attends to besides its own frames.

    `keys`, `values` [layers, 8, C, 64]; `bias` [C] is added to the attention scores: the logarithm of how many
    silent frames each column stands for.
    """

    keys: Tensor
    values: Tensor
    bias: Tensor


def split_heads(x: Tensor) -> Tensor:
    """[B, n, 512] → [B, 8, n, 64]"""
    return x.view(x.shape[0], x.shape[1], HEADS, HEAD_DIM).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """[B, 8, n, 64] → [B, n, 512]"""
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], WIDTH)


def with_columns(keys: Tensor, values: Tensor, bias: Tensor | None, silence: SilenceColumns | None, layer: int):
    """Append a layer's silence columns to keys and values [B, 8, T, 64] and to the bias [B, T] (→ [B, 1, 1, T + C])."""
    if silence is not None:
        rows, frames = keys.shape[0], keys.shape[2]
        keys = torch.cat([keys, silence.keys[layer].to(keys.dtype).expand(rows, -1, -1, -1)], 2)
        values = torch.cat([values, silence.values[layer].to(values.dtype).expand(rows, -1, -1, -1)], 2)
        own = torch.zeros(rows, frames) if bias is None else bias
        bias = torch.cat([own, silence.bias.expand(rows, -1)], 1)
    return keys, values, None if bias is None else bias[:, None, None].to(keys.dtype)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH, bias=False)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def keys_values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return split_heads(self.key(x)), split_heads(self.value(x))

    def attend(self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        mixed = F.scaled_dot_product_attention(split_heads(self.query(x)), keys, values, attn_mask=mask)
        return self.out(join_heads(mixed))

    def weights(self, x: Tensor, keys: Tensor, mask: Tensor | None) -> Tensor:
        """Attention weights [B, 8, n, T]"""
        scores = split_heads(self.query(x)) @ keys.transpose(-1, -2) * HEAD_DIM**-0.5
        return (scores if mask is None else scores + mask).softmax(-1)


class Block(nn.Module):
    def __init__(self, cross: bool) -> None:
        super().__init__()
        self.attn, self.attn_ln = Attention(), nn.LayerNorm(WIDTH)
        if cross:
            self.cross_attn, self.cross_attn_ln = Attention(), nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))
        self.mlp_ln = nn.LayerNorm(WIDTH)


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(80, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.register_buffer("positional_embedding", torch.zeros(FRAMES, WIDTH))
        self.blocks = nn.ModuleList(Block(cross=False) for _ in range(LAYERS))
        self.ln_post = nn.LayerNorm(WIDTH)

    def forward(
        self,
        mel: Tensor,
        bias: Tensor | None = None,
        silence: SilenceColumns | None = None,
        inner: list[Tensor] | None = None,
        keys_values: list[tuple[Tensor, Tensor]] | None = None,
    ) -> Tensor:
        """Hidden states [B, T, 512] of normalised log-mel [B, 80, 2T]; `bias` [B, T] masks frames.

        `inner` and `keys_values`, if given, collect every layer's output and own keys and values.
        """
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positional_embedding[: x.shape[1]]
        for layer, block in enumerate(self.blocks):
            y = block.attn_ln(x)
            own = block.attn.keys_values(y)
            keys, values, mask = with_columns(*own, bias, silence, layer)
            x = x + block.attn.attend(y, keys, values, mask)
            x = x + block.mlp(block.mlp_ln(x))
            if inner is not None:
                inner.append(x)
            if keys_values is not None:
                keys_values.append(own)
        return self.ln_post(x)


@dataclass
class DecoderCache:
    """Cross-attention keys and values per layer, and those of the tokens so far."""

    cross: list[tuple[Tensor, Tensor, Tensor | None]]
    past: list[tuple[Tensor, Tensor] | None]
    length: int = 0


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.positional_embedding = nn.Parameter(torch.zeros(POSITIONS, WIDTH))
        self.blocks = nn.ModuleList(Block(cross=True) for _ in range(LAYERS))
        self.ln = nn.LayerNorm(WIDTH)

    def start(self, hidden: Tensor, bias: Tensor | None = None, silence: SilenceColumns | None = None) -> DecoderCache:
        """Cache for encoder hidden states [B, T, 512]; `bias` [B, T] masks frames."""
        cross = []
        for layer, block in enumerate(self.blocks):
            keys, values = block.cross_attn.keys_values(hidden)
            cross.append(with_columns(keys, values, bias, silence, layer))
        return DecoderCache(cross, [None] * LAYERS)

    def forward(self, tokens: Tensor, cache: DecoderCache, align: list[Tensor] | None = None) -> Tensor:
        """Hidden states [B, n, 512] of the new tokens [B, n]; extends the cache."""
        n, past = tokens.shape[1], cache.length
        x = self.token_embedding(tokens) + self.positional_embedding[past : past + n]
        causal = torch.full((n, past + n), float("-inf")).triu(past + 1).to(x.dtype)
        for layer, block in enumerate(self.blocks):
            y = block.attn_ln(x)
            keys, values = block.attn.keys_values(y)
            before = cache.past[layer]
            if before is not None:
                keys, values = torch.cat([before[0], keys], 2), torch.cat([before[1], values], 2)
            cache.past[layer] = (keys, values)
            x = x + block.attn.attend(y, keys, values, causal)
            y = block.cross_attn_ln(x)
            if align is not None:
                align.append(block.cross_attn.weights(y, cache.cross[layer][0], cache.cross[layer][2]))
            x = x + block.cross_attn.attend(y, *cache.cross[layer])
            x = x + block.mlp(block.mlp_ln(x))
        cache.length += n
        return self.ln(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """[B, n, 512] → [B, n, vocabulary]"""
        return hidden @ self.token_embedding.weight.T


class Whisper(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()


def load_model(weights: Path) -> Whisper:
    """The original model, in evaluation mode."""
    model = Whisper()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in load_whisper(weights).items()})
    return model.eval()
