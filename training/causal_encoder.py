"""Whisper's encoder made causal in blocks of 80 ms with a short look-ahead, so that its outputs never change.

Four encoder frames of 20 ms are a block. In a layer with look-ahead 1, block b attends to blocks b − 60 … b + 1; with
look-ahead 0 to b − 60 … b. A step that hears block n of the audio therefore finishes block n − (sum of the look-aheads).
Shapes: B rows, T encoder frames, 8 heads of 64.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from whisper_model import FRAMES, HEADS, HEAD_DIM, Encoder, join_heads, split_heads

BLOCK = 4
"""Encoder frames a step."""
LEFT_BLOCKS = 60
LOOK_AHEAD = {480: (1, 1, 1, 1, 1, 1), 240: (1, 0, 1, 0, 1, 0)}
"""Look-ahead of each layer in blocks, by its sum in milliseconds."""
LOG_MEL_MAXIMUM = 1.5
"""Stands for the clip's maximum in Whisper's log-mel scaling, which a stream does not know."""
_CHUNK = 300
"""Queries of one attention product in training; a multiple of BLOCK."""


def normalise_stream(raw: Tensor) -> Tensor:
    """Whisper's log-mel scaling of raw log10 mel power, with a fixed maximum."""
    return (raw.clamp(min=LOG_MEL_MAXIMUM - 8) + 4) / 4


@lru_cache(maxsize=16)
def _band_mask(frames: int, look_ahead: int, dtype: torch.dtype) -> Tensor:
    """[chunks, 1, CHUNK, LEFT + CHUNK + look-ahead]: 0 where a query frame may look, −1e9 elsewhere."""
    chunks = -(-frames // _CHUNK)
    left, right = LEFT_BLOCKS * BLOCK, look_ahead * BLOCK
    query = torch.arange(_CHUNK)[:, None] // BLOCK
    key = torch.arange(left + _CHUNK + right)[None] // BLOCK - LEFT_BLOCKS
    near = (key >= query - LEFT_BLOCKS) & (key <= query + look_ahead)
    place = torch.arange(chunks)[:, None] * _CHUNK + torch.arange(left + _CHUNK + right)[None] - left
    real = ((place >= 0) & (place < frames))[:, None]
    allowed = near[None] & real
    allowed |= ~allowed.any(-1, keepdim=True)
    return torch.zeros(allowed.shape, dtype=dtype).masked_fill(~allowed, -1e9)[:, None]


def band_attention(queries: Tensor, keys: Tensor, values: Tensor, look_ahead: int) -> Tensor:
    """Attention [B, 8, T, 64] of every block to the blocks that it may see, a chunk of queries at a time."""
    rows, frames = queries.shape[0], queries.shape[2]
    chunks = -(-frames // _CHUNK)
    spare = chunks * _CHUNK - frames
    left, right = LEFT_BLOCKS * BLOCK, look_ahead * BLOCK
    width = left + _CHUNK + right

    def spans(x: Tensor) -> Tensor:
        padded = F.pad(x, (0, 0, left, right + spare))
        parts = [padded[:, :, i * _CHUNK : i * _CHUNK + width] for i in range(chunks)]
        return torch.stack(parts, 1).reshape(rows * chunks, HEADS, width, HEAD_DIM)

    split = F.pad(queries, (0, 0, 0, spare)).unflatten(2, (chunks, _CHUNK)).transpose(1, 2)
    split = split.reshape(rows * chunks, HEADS, _CHUNK, HEAD_DIM)
    mask = _band_mask(frames, look_ahead, queries.dtype).repeat(rows, 1, 1, 1)
    mixed = F.scaled_dot_product_attention(split, spans(keys), spans(values), attn_mask=mask)
    joined = mixed.unflatten(0, (rows, chunks)).transpose(1, 2).reshape(rows, HEADS, chunks * _CHUNK, HEAD_DIM)
    return joined[:, :, :frames]


def positions(frames: int, offset: int) -> Tensor:
    """Indices of the position table: frame t of a stream gets (t + offset) mod 1500."""
    return (torch.arange(frames) + offset) % FRAMES


class CausalEncoder(Encoder):
    """The encoder's parameters under OpenAI's names; only the attention differs."""

    def stream(self, mel: Tensor, look_ahead: int, offset: int = 0, inner: list[Tensor] | None = None) -> Tensor:
        """Hidden states [B, T, 512] of log-mel [B, 80, 2T + 3] scaled by `normalise_stream`: frames −2 … 2T.

        `look_ahead` in ms is a key of LOOK_AHEAD. `inner`, if given, collects every layer's output.
        """
        x = F.gelu(F.conv1d(mel, self.conv1.weight, self.conv1.bias))
        x = F.gelu(F.conv1d(x, self.conv2.weight, self.conv2.bias, stride=2)).transpose(1, 2)
        x = x + self.positional_embedding[positions(x.shape[1], offset)]
        for block, blocks_ahead in zip(self.blocks, LOOK_AHEAD[look_ahead]):
            y = block.attn_ln(x)
            keys, values = block.attn.keys_values(y)
            mixed = band_attention(split_heads(block.attn.query(y)), keys, values, blocks_ahead)
            x = x + block.attn.out(join_heads(mixed))
            x = x + block.mlp(block.mlp_ln(x))
            if inner is not None:
                inner.append(x)
        return self.ln_post(x)
