"""Export Whisper base to the two ONNX graphs and the files that describe them.

    python training/export.py training/build/weights models/whisper-base --texts shared/speech/dev
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
from dev_set import read_clips
from encoder_graph import build_encoder
from graph_builder import HEAD_DIM, HEADS
from log_mel import BANDS, FFT, HOP, SAMPLE_RATE, mel_filters
from quantise import quantise
from vocabulary import Vocabulary, choose_vocabulary
from whisper_model import LAYERS

VERSION = "1.0.0"
VOCABULARY_SIZE = 28_000
MAX_WINDOW_FRAMES = 500


def describe(folder: Path, vocabulary: Vocabulary) -> dict[str, object]:
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
        "maxWindowFrames": MAX_WINDOW_FRAMES,
        "tokens": vocabulary.special,
        "layers": LAYERS,
        "heads": HEADS,
        "headDim": HEAD_DIM,
        "vocabularySize": len(vocabulary),
        "files": files,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--texts", type=Path, required=True, help="speech folder whose references' tokens are all kept")
    arguments = parser.parse_args()
    target: Path = arguments.target
    target.mkdir(parents=True, exist_ok=True)

    references = [clip.reference for clip in read_clips(arguments.texts)]
    vocabulary, facts = choose_vocabulary(arguments.weights, references, VOCABULARY_SIZE)
    print(json.dumps(facts))
    tensors = load_whisper(arguments.weights)
    onnx.save(quantise(build_encoder(tensors)), target / "encoder.onnx")
    onnx.save(quantise(build_decoder(tensors, vocabulary, int8_embedding=True)), target / "decoder.onnx")
    (target / "vocabulary.json").write_text(json.dumps(vocabulary.to_json(), separators=(",", ":")) + "\n")
    mel_filters().astype("<f4").tofile(target / "mel-filters.f32")
    licence = (arguments.weights / "LICENSE").read_text()
    (target / "LICENSE").write_text(licence[licence.index("MIT License") :])
    (target / "manifest.json").write_text(json.dumps(describe(target, vocabulary), indent=2) + "\n")


if __name__ == "__main__":
    main()
