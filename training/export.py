"""Export Whisper base to the two ONNX graphs and the files that describe them.

    python training/export.py training/build/weights models/whisper-base \\
        --texts shared/speech/dev --silence shared/speech/adapt

Prints the largest difference between each graph and PyTorch, before and after the weights are cut to 8 bits.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx

from ctranslate2_weights import load_whisper
from decoder_graph import build_decoder
from dev_set import read_clips, read_samples
from encoder_graph import SilenceArrays, build_encoder
from graph_builder import HEAD_DIM, HEADS
from log_mel import BANDS, FFT, HOP, SAMPLE_RATE, log_mel, mel_filters
from parity import GraphPair, differences, open_session, torch_outputs
from quantise import quantise
from silence_columns import as_arrays, choose_clips, silence_columns
from vocabulary import Vocabulary, choose_vocabulary
from whisper_model import LAYERS, SilenceColumns, Whisper, load_model

VERSION = "1.0.0"
VOCABULARY_SIZE = 28_000
MAX_WINDOW_FRAMES = 500
"""10 s of speech; the padding comes on top. The encoder takes up to 1500 frames in all."""
PAD_FRAMES = 50
SILENCE_COLUMNS = 10


def describe(folder: Path, vocabulary: Vocabulary, silence: SilenceArrays) -> dict[str, object]:
    """The manifest, with sizes and digests of the files in the folder."""
    names = ("encoder.onnx", "decoder.onnx", "vocabulary.json", "mel-filters.f32")
    files = []
    for name in names:
        data = (folder / name).read_bytes()
        files.append({"name": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)})
    return {
        "kind": "windowed",
        "name": "whisper-base",
        "version": VERSION,
        "licence": "MIT",
        "languages": ["en", "fr"],
        "sampleRateHz": SAMPLE_RATE,
        "hopSamples": HOP,
        "fftSamples": FFT,
        "melBands": BANDS,
        "frameMs": 20,
        "delayMs": 0,
        "maxWindowFrames": MAX_WINDOW_FRAMES,
        "padFrames": PAD_FRAMES,
        "silenceColumns": silence.count,
        "silenceBias": round(float(silence.bias[0]), 6),
        "tokens": vocabulary.special,
        "layers": LAYERS,
        "heads": HEADS,
        "headDim": HEAD_DIM,
        "tokenizer": {"type": "base64-pieces", "file": "vocabulary.json", "size": len(vocabulary)},
        "origin": None,
        "files": files,
    }


def compare(name: str, graphs: GraphPair, mel: np.ndarray, tokens: np.ndarray, wanted: dict[str, np.ndarray]) -> None:
    """Print how far both graphs are from PyTorch on one clip."""
    cross = graphs.encode(mel)
    found = {
        "encoder": differences(cross, wanted),
        "decoder, one pass": differences(graphs.decode_at_once(cross, tokens), wanted),
        "decoder, stepwise": differences(graphs.decode_stepwise(cross, tokens), wanted),
    }
    for part, values in found.items():
        print(f"{name:8} {part}: " + " ".join(f"{key} {value:.2g}" for key, value in values.items()))


def reference_case(
    model: Whisper, vocabulary: Vocabulary, speech: Path, silence: tuple[SilenceColumns, SilenceColumns]
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Mel, tokens (prompt and some text) and PyTorch's outputs for the folder's first clip."""
    clip = read_clips(speech)[0]
    samples = read_samples(clip.file)
    mel = log_mel(samples[: len(samples) // 320 * 320], PAD_FRAMES * 320)[None]
    names = ("startOfTranscript", clip.language, "transcribe", "noTimestamps")
    tokens = np.array([[vocabulary.special[n] for n in names] + list(range(1000, 1012))])
    return mel, tokens, torch_outputs(model, vocabulary, mel, tokens, *silence)


def export_graphs(
    weights: Path, target: Path, vocabulary: Vocabulary, silence: tuple[SilenceColumns, SilenceColumns], speech: Path
) -> None:
    """Write encoder.onnx and decoder.onnx, checked."""
    tensors, (own, columns) = load_whisper(weights), map(as_arrays, silence)
    encoder = build_encoder(tensors, own, columns)
    decoder = build_decoder(tensors, vocabulary, columns.count)
    case = reference_case(load_model(weights), vocabulary, speech, silence)
    compare("float32", GraphPair(open_session(encoder), open_session(decoder), columns.bias), *case)
    small_encoder = quantise(encoder)
    small_decoder = quantise(build_decoder(tensors, vocabulary, columns.count, int8_embedding=True))
    compare("int8", GraphPair(open_session(small_encoder), open_session(small_decoder), columns.bias), *case)
    onnx.save(small_encoder, target / "encoder.onnx")
    onnx.save(small_decoder, target / "decoder.onnx")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--texts", type=Path, required=True, help="speech folder whose references' tokens are all kept")
    parser.add_argument("--silence", type=Path, required=True, help="speech folder whose free clips precede the silence")
    arguments = parser.parse_args()
    target: Path = arguments.target
    target.mkdir(parents=True, exist_ok=True)

    references = [clip.reference for clip in read_clips(arguments.texts)]
    vocabulary, facts = choose_vocabulary(arguments.weights, references, VOCABULARY_SIZE)
    print(json.dumps(facts))
    clips = choose_clips(arguments.silence)
    silence, cross_silence = silence_columns(load_model(arguments.weights), clips, SILENCE_COLUMNS)
    export_graphs(arguments.weights, target, vocabulary, (silence, cross_silence), arguments.texts)
    (target / "vocabulary.json").write_text(json.dumps(vocabulary.to_json(), separators=(",", ":")) + "\n")
    mel_filters().astype("<f4").tofile(target / "mel-filters.f32")
    licence = (arguments.weights / "LICENSE").read_text()
    (target / "LICENSE").write_text(licence[licence.index("MIT License") :])
    (target / "manifest.json").write_text(json.dumps(describe(target, vocabulary, as_arrays(cross_silence)), indent=2) + "\n")


if __name__ == "__main__":
    main()
