"""Check the exported graphs against PyTorch, and one pass over many tokens against token-by-token decoding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import torch

from vocabulary import Vocabulary
from whisper_model import ALIGNMENT_HEADS, HEAD_DIM, HEADS, LAYERS, SilenceColumns, Whisper

Arrays = dict[str, np.ndarray]


def open_session(model: onnx.ModelProto | str, threads: int = 1) -> onnxruntime.InferenceSession:
    """A CPU session without spinning threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = model if isinstance(model, str) else model.SerializeToString()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, **inputs: np.ndarray) -> Arrays:
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs)))


def empty_past(rows: int) -> Arrays:
    """Decoder inputs for a row that has no tokens yet."""
    past = np.zeros((rows, LAYERS, HEADS, 0, HEAD_DIM), np.float32)
    return {"self_k": past, "self_v": past, "self_bias": np.zeros((rows, 0), np.float32)}


@torch.no_grad()
def torch_outputs(
    model: Whisper, vocabulary: Vocabulary, mel: np.ndarray, tokens: np.ndarray,
    silence: SilenceColumns | None, cross_silence: SilenceColumns | None,
) -> Arrays:
    """What the graphs should give for one row's mel [1, 80, 2T] and pruned tokens [1, n]."""
    hidden = model.encoder(torch.from_numpy(mel), silence=silence)
    cache = model.decoder.start(hidden, silence=cross_silence)
    original = torch.tensor(vocabulary.original_ids)
    align: list[torch.Tensor] = []
    out = model.decoder(original[torch.from_numpy(tokens)], cache, align)
    logits = model.decoder.logits(out)[..., original]
    allowed = logits.clone()
    allowed[..., vocabulary.suppressed] = -1e9
    log_probabilities = allowed.log_softmax(-1)
    special = vocabulary.special
    mean = torch.stack([align[layer][:, head] for layer, head in ALIGNMENT_HEADS]).mean(0)[..., : mel.shape[2] // 2]
    result = {
        "cross_k": torch.stack([k for k, _, _ in cache.cross], 1),
        "cross_v": torch.stack([v for _, v, _ in cache.cross], 1),
        "best": allowed.argmax(-1),
        "logprob": log_probabilities.max(-1).values,
        "eot_logprob": log_probabilities[..., special["endOfText"]],
        "language": logits[..., [special["en"], special["fr"]]],
        "no_speech": logits.softmax(-1)[..., special["noSpeech"]],
        "k_new": torch.stack([p[0] for p in cache.past], 1),
        "v_new": torch.stack([p[1] for p in cache.past], 1),
        "align": mean,
    }
    return {name: value.numpy() for name, value in result.items()}


@dataclass
class GraphPair:
    """Sessions of both graphs and the bias of their silence columns."""

    encoder: onnxruntime.InferenceSession
    decoder: onnxruntime.InferenceSession
    silence_bias: np.ndarray

    def encode(self, mel: np.ndarray) -> Arrays:
        """Decoder inputs cross_k, cross_v, cross_bias of mel [B, 80, 2T]."""
        rows, frames = mel.shape[0], mel.shape[2] // 2
        out = run(self.encoder, mel=mel, bias=np.zeros((rows, frames), np.float32))
        bias = np.concatenate([np.zeros((rows, frames), np.float32), np.tile(self.silence_bias, (rows, 1))], 1)
        return {**out, "cross_bias": bias.astype(np.float32)}

    def decode_at_once(self, cross: Arrays, tokens: np.ndarray) -> Arrays:
        return run(self.decoder, tokens=tokens, position=np.zeros(len(tokens), np.int64), **empty_past(len(tokens)), **cross)

    def decode_stepwise(self, cross: Arrays, tokens: np.ndarray) -> Arrays:
        """The same, one token a run, the caches passed back and the past padded by one masked place."""
        past, steps = empty_past(1), []
        for index in range(tokens.shape[1]):
            out = run(self.decoder, tokens=tokens[:, index : index + 1], position=np.array([index]), **past, **cross)
            steps.append(out)
            pad = [(0, 0)] * 3 + [(0, 1), (0, 0)]
            k = np.concatenate([s["k_new"] for s in steps], 3)
            v = np.concatenate([s["v_new"] for s in steps], 3)
            bias = np.zeros((1, index + 2), np.float32)
            bias[:, -1] = -1e9
            past = {"self_k": np.pad(k, pad), "self_v": np.pad(v, pad), "self_bias": bias}
        axes = {"k_new": 3, "v_new": 3}
        return {name: np.concatenate([s[name] for s in steps], axes.get(name, 1)) for name in steps[0]}


def differences(got: Arrays, wanted: Arrays) -> dict[str, float]:
    """Largest absolute difference per output; for `best` the share of tokens that differ."""
    out = {}
    for name in got:
        if name == "best":
            out[name] = float(np.mean(got[name] != wanted[name]))
        elif name in wanted:
            out[name] = float(np.abs(got[name] - wanted[name]).max())
    return out
