"""The text head: Whisper's decoder, one decision at every step of 80 ms: the next token, or wait.

The newest token of a stream goes through the decoder at every step, with the encoder frames heard until then. Its output is
the next token, which is final at once, or end-of-text, read as "wait": then the same token is tried again at the next
step, and nothing of this try is kept. So a stream costs one decoder position a step, whatever is said.

Shapes: R rows (utterances), F encoder frames, Q queries a row at most, M queries of all rows, 6 layers, 8 heads of 64.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from causal_encoder import BLOCK
from whisper_model import Attention, Decoder, SilenceColumns, join_heads, split_heads

CROSS_FRAMES = 320
"""A token sees the last 6.4 s of its utterance."""
DELAYS = 13
"""Delays the model is told: 0 … 12 steps after the encoder has heard the end of a token."""
PROMPT = 4
"""Start, language, task and no-time-stamps; the last of them is the input that predicts the first token."""
_NEVER = -1e9


@dataclass
class Queries:
    """Every decision of a batch that is trained. Main decisions accept a token; the others are asked too early.

    M queries of all rows one after the other; `rows` and `columns` are their places in arrays [R, Q].
    """

    tokens: Tensor
    """int64 [M] input tokens"""
    places: Tensor
    """int64 [M] positions in the text"""
    seen: Tensor
    """int64 [M] encoder frames heard; 0 for the prompt"""
    main: Tensor
    """bool [M] whether later queries may attend to this one"""
    rows: Tensor
    """int64 [M]"""
    columns: Tensor
    """int64 [M]"""

    def spread(self, x: Tensor) -> Tensor:
        """[M, …] → [R, Q, …], zeros where nothing is asked"""
        out = x.new_zeros(int(self.rows.max()) + 1, int(self.columns.max()) + 1, *x.shape[1:])
        return out.index_put((self.rows, self.columns), x)

    def gather(self, x: Tensor) -> Tensor:
        """[R, Q, …] → [M, …]"""
        return x[self.rows, self.columns]


def _attend(queries: Queries, attention: Attention, y: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Attention of packed queries [M, 512] to keys and values [R, 8, n, 64]; only the products are done row by row."""
    asked = split_heads(queries.spread(attention.query(y)))
    mixed = F.scaled_dot_product_attention(asked, keys, values, attn_mask=mask)
    return attention.out(queries.gather(join_heads(mixed)))


class StepDecoder(Decoder):
    """Whisper's decoder with virtual silence to look at, and told how long to wait."""

    def __init__(self, columns: int = 10) -> None:
        super().__init__()
        layers = len(self.blocks)
        self.silence_keys = nn.Parameter(torch.zeros(layers, 8, columns, 64))
        self.silence_values = nn.Parameter(torch.zeros(layers, 8, columns, 64))
        self.register_buffer("silence_bias", torch.zeros(columns))
        self.delay_embedding = nn.Parameter(torch.zeros(DELAYS, self.positional_embedding.shape[1]))
        self.wait_gate = nn.Linear(self.positional_embedding.shape[1], 1)
        nn.init.zeros_(self.wait_gate.weight)
        nn.init.zeros_(self.wait_gate.bias)

    def set_silence(self, silence: SilenceColumns) -> None:
        with torch.no_grad():
            self.silence_keys.copy_(silence.keys)
            self.silence_values.copy_(silence.values)
            self.silence_bias.copy_(silence.bias)

    def cross(self, layer: int, hidden: Tensor, places: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Cross-attention keys and values [R, 8, C + F, 64] of frames [R, F, 512], the silence columns first.

        With `places` int64 [R, F], `hidden` [N, 512] holds the frames of all rows without padding, and `places` says where.
        """
        attention = self.blocks[layer].cross_attn
        keys, values = attention.key(hidden), attention.value(hidden)
        if places is not None:
            keys, values = keys[places], values[places]
        keys, values = split_heads(keys), split_heads(values)
        rows = keys.shape[0]
        silent_keys = self.silence_keys[layer].to(keys.dtype).expand(rows, -1, -1, -1)
        silent_values = self.silence_values[layer].to(values.dtype).expand(rows, -1, -1, -1)
        return torch.cat([silent_keys, keys], 2), torch.cat([silent_values, values], 2)

    def cross_bias(self, seen: Tensor, frames: int) -> Tensor:
        """[R, 1, Q, C + F]: the last frames of those heard [R, Q], and the silence columns."""
        frame = torch.arange(frames)
        visible = (frame < seen[..., None]) & (frame >= seen[..., None] - CROSS_FRAMES)
        own = torch.zeros(visible.shape).masked_fill(~visible, _NEVER)
        silent = self.silence_bias.expand(*seen.shape, -1)
        return torch.cat([silent, own], -1)[:, None]

    def embed(self, tokens: Tensor, places: Tensor, delay: Tensor) -> Tensor:
        """[R, Q, 512]; `delay` int64 [R] in steps. The prompt before its last token is the same for every delay."""
        x = self.token_embedding(tokens) + self.positional_embedding[places]
        return x + self.delay_embedding[delay][:, None] * (places >= PROMPT - 1)[..., None]

    def gated(self, output: Tensor, logits: Tensor, wait: int) -> Tensor:
        """Logits [M, vocabulary] of outputs [M, 512], with the gate's part added to waiting's (column `wait`).

        The gate learns quickly when to wait, so that Whisper's knowledge of words need not bend for it.
        """
        column = torch.arange(logits.shape[-1]) == wait
        return logits + self.wait_gate(output) * column

    def decide(self, queries: Queries, hidden: Tensor, frames: Tensor, delay: Tensor) -> Tensor:
        """Outputs [M, 512] of all queries at once, for training; `hidden` and `frames` as in `cross`, `delay` int64 [R]."""
        x = self.embed(queries.tokens[:, None], queries.places[:, None], delay[queries.rows])[:, 0]
        places, main = queries.spread(queries.places), queries.spread(queries.main)
        earlier = main[:, None] & (places[:, None] < places[..., None])
        allowed = earlier | torch.eye(places.shape[1], dtype=torch.bool)
        own_bias = torch.zeros(allowed.shape).masked_fill(~allowed, _NEVER)[:, None]
        cross_bias = self.cross_bias(queries.spread(queries.seen), frames.shape[1])
        for layer, block in enumerate(self.blocks):
            y = block.attn_ln(x)
            keys, values = (split_heads(queries.spread(part(y))) for part in (block.attn.key, block.attn.value))
            x = x + _attend(queries, block.attn, y, keys, values, own_bias)
            y = block.cross_attn_ln(x)
            x = x + _attend(queries, block.cross_attn, y, *self.cross(layer, hidden, frames), cross_bias)
            x = x + block.mlp(block.mlp_ln(x))
        return self.ln(x)


class StepState:
    """Streams in one batch: what each has heard and said. Text positions are kept up to `places`."""

    def __init__(self, decoder: StepDecoder, prompts: Tensor, delay: Tensor, places: int) -> None:
        """`prompts` int64 [R, 4]"""
        rows = prompts.shape[0]
        self.decoder, self.delay = decoder, delay
        shape = (len(decoder.blocks), rows, 8, places, 64)
        self.keys, self.values = torch.zeros(shape), torch.zeros(shape)
        self.place = torch.full((rows,), PROMPT - 1)
        self.token = prompts[:, -1].clone()
        self._read_prompt(prompts[:, :-1])

    @torch.no_grad()
    def _read_prompt(self, tokens: Tensor) -> None:
        """Constant for a language: the prompt sees virtual silence only."""
        rows, count = tokens.shape
        places = torch.arange(count).expand(rows, -1)
        decoder = self.decoder
        x = decoder.embed(tokens, places, self.delay)
        causal = torch.full((count, count), _NEVER).triu(1)
        hidden = torch.zeros(rows, 0, x.shape[-1])
        bias = decoder.cross_bias(torch.zeros(rows, count, dtype=torch.int64), 0)
        for layer, block in enumerate(decoder.blocks):
            y = block.attn_ln(x)
            keys, values = block.attn.keys_values(y)
            self.keys[layer, :, :, :count], self.values[layer, :, :, :count] = keys, values
            x = x + block.attn.attend(y, keys, values, causal)
            x = x + block.cross_attn.attend(block.cross_attn_ln(x), *decoder.cross(layer, hidden), bias)
            x = x + block.mlp(block.mlp_ln(x))

    @torch.no_grad()
    def step(self, cross: list[tuple[Tensor, Tensor]], seen: Tensor) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """Hidden state [R, 512] of each row's newest token having heard `seen` frames [R]; and its keys and values.

        `cross` holds `StepDecoder.cross` of all frames per layer.
        """
        decoder = self.decoder
        width = int(self.place.max())
        x = decoder.embed(self.token[:, None], self.place[:, None], self.delay)
        past = torch.arange(width) < self.place[:, None]
        own_bias = torch.zeros(len(past), width + 1)
        own_bias[:, :width].masked_fill_(~past, _NEVER)
        cross_bias = decoder.cross_bias(seen[:, None], cross[0][0].shape[2] - len(decoder.silence_bias))
        new: list[tuple[Tensor, Tensor]] = []
        for layer, block in enumerate(decoder.blocks):
            y = block.attn_ln(x)
            key, value = block.attn.keys_values(y)
            new.append((key[:, :, 0], value[:, :, 0]))
            keys = torch.cat([self.keys[layer, :, :, :width], key], 2)
            values = torch.cat([self.values[layer, :, :, :width], value], 2)
            x = x + block.attn.attend(y, keys, values, own_bias[:, None, None])
            x = x + block.cross_attn.attend(block.cross_attn_ln(x), *cross[layer], cross_bias)
            x = x + block.mlp(block.mlp_ln(x))
        return decoder.ln(x)[:, 0], new

    def accept(self, rows: Tensor, tokens: Tensor, new: list[tuple[Tensor, Tensor]]) -> None:
        """Make `tokens` the newest of the rows (indices) and keep what their step computed."""
        for layer, (key, value) in enumerate(new):
            self.keys[layer, rows, :, self.place[rows]] = key[rows]
            self.values[layer, rows, :, self.place[rows]] = value[rows]
        self.place[rows] += 1
        self.token[rows] = tokens


def steps_of(frames: int) -> int:
    return frames // BLOCK


def due_step(end_seconds: float, delay: int) -> int:
    """First step that has heard the encoder frames up to a time, plus a delay."""
    return max(0, math.ceil(end_seconds * 12.5 - 1e-6) - 1) + delay
