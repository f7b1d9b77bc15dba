"""Export a Kyutai speech-to-text checkpoint to a step graph that the streaming engine runs.

    python training/kyutai_export.py stt-1b-en_fr models/kyutai-1b --precision int8

The checkpoint is a folder in the transformers layout (kyutai/stt-2.6b-en-trfs) or the moshi layout
(kyutai/stt-1b-en_fr). docs/kyutai.md says where to get them and what they need.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from kyutai_checkpoint import Checkpoint
from kyutai_config import CheckpointError, read_config
from kyutai_graph_builder import Precision
from kyutai_step_graph import build_step, default_delay, describe
from kyutai_vocabulary import read_vocabulary

VERSION = "1.0.0"


def export(checkpoint: Path, target: Path, precision: Precision, *, delay: int | None, languages: list[str] | None) -> None:
    """Write step.onnx, vocabulary.json and manifest.json."""
    config = read_config(checkpoint)
    vocabulary = read_vocabulary(checkpoint, config.files["tokenizer"], config.language.text_tokens)
    weights = Checkpoint.open(config)
    target.mkdir(parents=True, exist_ok=True)
    files, first = build_step(weights, target, precision)
    (target / "vocabulary.json").write_text(json.dumps(vocabulary, separators=(",", ":")) + "\n")
    manifest = describe(
        config,
        name=target.name,
        version=VERSION,
        # The English model has half the tokens of the bilingual one.
        languages=languages or (["fr", "en"] if config.language.text_tokens > 4000 else ["en"]),
        first=first,
        delay=default_delay(config) if delay is None else delay,
        files=[*files, target / "vocabulary.json"],
    )
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="folder with config.json, the weights and the tokenizer")
    parser.add_argument("target", type=Path, help="model folder to write, best models/NAME")
    parser.add_argument(
        "--precision",
        choices=[p.value for p in Precision],
        default=Precision.INT8.value,
        help="of the language model's weights; Mimi stays float32 (default: int8)",
    )
    parser.add_argument("--delay", type=int, help="frames of 80 ms between a word and its text (default: as published)")
    parser.add_argument("--languages", nargs="+", choices=["fr", "en"], help="(default: fr en, or en for 4000 tokens)")
    arguments = parser.parse_args()
    try:
        export(
            arguments.checkpoint,
            arguments.target,
            Precision(arguments.precision),
            delay=arguments.delay,
            languages=arguments.languages,
        )
    except CheckpointError as fault:
        print(f"cannot export: {fault}", file=sys.stderr)
        return 1
    print(f"{arguments.target / 'manifest.json'} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
