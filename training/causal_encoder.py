"""Whisper's encoder made causal in blocks of 80 ms with a short look-ahead, so that its outputs never change.

Four encoder frames of 20 ms are a block. The lower layers are *rolling*: block b attends to blocks b − 40 … b + 1 and is worked
out once. The layers above know at every step the newest blocks that the rolling ones have finished; they work all of them
out, each attending to all the others and to 40 blocks before them, and keep the oldest. A frame that is kept has so been
heard with everything that came up to 480 ms after it, in every layer, as in Whisper; with one block of look-ahead a
layer it would not. What is not needed any more goes from layer to layer: `AHEAD` blocks beyond the oldest are left.

Training works several blocks out at once (a segment), which are then all kept. Shapes: B rows, T encoder frames, 8 heads of 64.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from whisper_model import FRAMES, HEAD_DIM, HEADS, Block, Encoder, join_heads, split_heads

BLOCK = 4
"""Encoder frames a step."""
LEFT_BLOCKS = 40
ROLLING_LAYERS = 2
AHEAD = (4, 4, 4, 4, 0)
"""Blocks beyond the oldest that the layers above the rolling ones are given; the last is what comes out of them."""
LOOK_AHEAD = ROLLING_LAYERS + AHEAD[0]
"""Blocks that must have been heard after one that is finished."""
LOOK_AHEAD_MS = 80 * LOOK_AHEAD
LOG_MEL_MAXIMUM = 1.5
"""Stands for the clip's maximum in Whisper's log-mel scaling, which a stream does not know."""
_CHUNK = 64
"""Frames whose queries share one attention product in training; a multiple of a segment."""
_LEFT = LEFT_BLOCKS * BLOCK
_NEVER = -1e9


def normalise_stream(raw: Tensor) -> Tensor:
    """Whisper's log-mel scaling of raw log10 mel power, with a fixed maximum."""
    return (raw.clamp(min=LOG_MEL_MAXIMUM - 8) + 4) / 4


def positions(frames: int, offset: int) -> Tensor:
    """Indices of the position table: frame t of a stream gets (t + offset) mod 1500."""
    return (torch.arange(frames) + offset) % FRAMES


def _to_bias(allowed: Tensor) -> Tensor:
    return torch.zeros(allowed.shape).masked_fill(~allowed, _NEVER)


def _spans(x: Tensor, right: int) -> Tensor:
    """[B, T, 512] → [B · T / CHUNK, 8, LEFT + CHUNK + right, 64]: each chunk's frames with those around them."""
    rows, frames = x.shape[:2]
    padded = F.pad(x, (0, 0, _LEFT, right))
    parts = [padded[:, at : at + _LEFT + _CHUNK + right] for at in range(0, frames, _CHUNK)]
    return split_heads(torch.stack(parts, 1).flatten(0, 1))


@lru_cache(maxsize=16)
def _band_bias(frames: int, right: int, segment: int, real: int) -> Tensor:
    """[chunks, CHUNK / segment, LEFT + CHUNK + right]: what a segment's queries may see of its chunk's span.

    `segment` in frames; all of a segment, LEFT before it and `right` after it; nothing outside of the `real` frames.
    """
    begin = torch.arange(0, _CHUNK, segment)[:, None]
    column = torch.arange(_LEFT + _CHUNK + right)[None]
    near = (column >= begin) & (column < begin + _LEFT + segment + right)
    place = torch.arange(0, frames, _CHUNK)[:, None] + column - _LEFT
    return _to_bias(near[None] & ((place >= 0) & (place < real))[:, None])


def _rolling(block: Block, x: Tensor, real: int) -> Tensor:
    """One layer over frames [B, T, 512], with one block of look-ahead."""
    y = block.attn_ln(x)
    rows, frames = x.shape[:2]
    queries = split_heads(block.attn.query(y).view(-1, _CHUNK, x.shape[-1]))
    keys, values = (_spans(part(y), BLOCK) for part in (block.attn.key, block.attn.value))
    bias = _band_bias(frames, BLOCK, BLOCK, real).repeat_interleave(BLOCK, 1).repeat(rows, 1, 1)[:, None]
    mixed = F.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)
    x = x + block.attn.out(join_heads(mixed).view(x.shape))
    return x + block.mlp(block.mlp_ln(x))


def _newest(block: Block, z: Tensor, segment: int, left: int, real: int) -> Tensor:
    """One layer over what is known of each segment: [B, n, segment + ahead, 512] → [B, n, segment + left, 512], in frames."""
    rows, count, width = z.shape[:3]
    ahead, kept = width - segment, segment + left
    y = block.attn_ln(z)
    queries = block.attn.query(y[:, :, :kept])
    keys, values = block.attn.key(y), block.attn.value(y)
    # The segments themselves, which later ones look back at; and what lies after each, which is its own.
    past = [_spans(part[:, :, :segment].flatten(1, 2), 0) for part in (keys, values)]
    own = [split_heads(part[:, :, segment:].flatten(0, 1)) for part in (keys, values)]
    together = split_heads(queries.reshape(past[0].shape[0], -1, z.shape[-1]))
    scale = HEAD_DIM**-0.5
    bias = _band_bias(count * segment, 0, segment, real).repeat_interleave(kept, 1).repeat(rows, 1, 1)[:, None]
    before = together @ past[0].transpose(-1, -2) * scale + bias
    place = torch.arange(count)[:, None] * segment + segment + torch.arange(ahead)
    beyond = _to_bias(place < real).repeat(rows, 1)[:, None, None]
    after = split_heads(queries.flatten(0, 1)) @ own[0].transpose(-1, -2) * scale + beyond
    after = _gather_segments(after, _CHUNK // segment)
    weights = torch.cat([before, after], -1).softmax(-1)
    mixed = weights[..., : before.shape[-1]] @ past[1]
    mixed = _scatter_segments(mixed, _CHUNK // segment) + _scatter_segments(weights[..., before.shape[-1] :], _CHUNK // segment) @ own[1]
    z = z[:, :, :kept] + block.attn.out(join_heads(mixed)).view(rows, count, kept, -1)
    return z + block.mlp(block.mlp_ln(z))


def _gather_segments(x: Tensor, count: int) -> Tensor:
    """[N · count, 8, q, w] → [N, 8, count · q, w]"""
    return x.unflatten(0, (-1, count)).transpose(1, 2).flatten(2, 3)


def _scatter_segments(x: Tensor, count: int) -> Tensor:
    """[N, 8, count · q, w] → [N · count, 8, q, w]"""
    return x.unflatten(2, (count, -1)).transpose(1, 2).flatten(0, 1)


class CausalEncoder(Encoder):
    """The encoder's parameters under OpenAI's names; only the attention differs."""

    def stream(self, mel: Tensor, offset: int = 0, inner: list[Tensor] | None = None, blocks: int = 1) -> Tensor:
        """Hidden states [B, T, 512] of log-mel [B, 80, 2T + 3] scaled by `normalise_stream`: frames −2 … 2T.

        The last look-ahead's frames have heard less than they would. `inner`, if given, collects every layer's output.
        `blocks` a segment, 1 as it is run; 2 or 4 cost less in training.
        """
        x = F.gelu(F.conv1d(mel, self.conv1.weight, self.conv1.bias))
        x = F.gelu(F.conv1d(x, self.conv2.weight, self.conv2.bias, stride=2)).transpose(1, 2)
        x = x + self.positional_embedding[positions(x.shape[1], offset)]
        rows, real = x.shape[:2]
        x = F.pad(x, (0, 0, 0, -real % _CHUNK))
        for block in self.blocks[:ROLLING_LAYERS]:
            x = _rolling(block, x, real)
            if inner is not None:
                inner.append(x[:, :real])
        segment = blocks * BLOCK
        width = segment + AHEAD[0] * BLOCK
        z = F.pad(x, (0, 0, 0, width - segment)).unfold(1, width, segment).transpose(2, 3)
        for block, left in zip(self.blocks[ROLLING_LAYERS:], AHEAD[1:]):
            z = _newest(block, z, segment, left * BLOCK, real)
            if inner is not None:
                inner.append(z[:, :, :segment].flatten(1, 2)[:, :real])
        return self.ln_post(z.flatten(1, 2)[:, :real])
