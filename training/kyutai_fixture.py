"""Write the tiny Kyutai graph that the Node tests run, with the tokens that transformers finds.

    python training/kyutai_fixture.py agents/speech/streaming/fixtures/kyutai-tiny

Processors round differently, so weights are searched whose tokens do not change when the sound does by a hundred
thousandth.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from pathlib import Path

import numpy as np

from kyutai_export import export
from kyutai_graph_builder import Precision
from kyutai_parity import FRAME, graph_tokens, says_enough, transformers_tokens
from kyutai_random import write_checkpoint
from kyutai_random_sound import random_sound
from kyutai_size import SIZES

SECONDS = (64, 12)
"""The first is far longer than every ring; the second is heard in a slot that is used again."""
NOISE = 1e-5


def survives(folder: Path, sounds: list[np.ndarray]) -> bool:
    """Whether noise leaves all tokens as they are."""
    generator = np.random.default_rng(0)
    quiet, _ = graph_tokens(folder, sounds, 0)
    for _ in range(3):
        noisy = [s * (1 + NOISE * generator.standard_normal(len(s)).astype(np.float32)) for s in sounds]
        if graph_tokens(folder, noisy, 0)[0] != quiet:
            return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    sounds = [random_sound(seconds, seed) for seed, seconds in enumerate(SECONDS, 1)]
    for seed in itertools.count(1):
        with tempfile.TemporaryDirectory() as place:
            model = write_checkpoint(Path(place), SIZES["tiny"], "moshi", seed)
            export(Path(place), arguments.target, Precision.FLOAT32, delay=None, languages=None)
        wanted = [transformers_tokens(model, sound) for sound in sounds]
        found, _ = graph_tokens(arguments.target, sounds, 0)
        equal = [w[1:] for w in wanted] == found
        print(f"seed {seed}: {'equal' if equal else 'NOT EQUAL'}")
        if not equal:
            raise SystemExit("the exporter is wrong: see kyutai_parity.py")
        if all([says_enough(tokens) for tokens in found]) and survives(arguments.target, sounds):
            break
    described = [{"seed": i, "seconds": s, "tokens": t} for i, (s, t) in enumerate(zip(SECONDS, found), 1)]
    golden = {"madeWith": f"transformers, weights of seed {seed}", "stepSamples": FRAME, "sounds": described}
    (arguments.target / "golden.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
