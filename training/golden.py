"""Write golden.json: the log-mel of half a second of computable samples, for tests in other languages.

    python training/golden.py models/whisper-base/golden.json

Sample i (0 ≤ i < 8000), computed in double precision and rounded to float32:

    0.4 · (i / 8000) · sin(2π · 440 · i / 16000) + 0.1 · sin(2π · 3000 · i / 16000)
        + 0.05 · (((i · 7919) mod 1000) / 500 − 1)
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from log_mel import SAMPLE_RATE, log_mel

SAMPLES = 8_000
FORMULA = (
    "0.4*(i/8000)*sin(2*PI*440*i/16000) + 0.1*sin(2*PI*3000*i/16000) + 0.05*(((i*7919)%1000)/500 - 1)"
)


def golden_samples() -> np.ndarray:
    """float32 [8000]"""
    i = np.arange(SAMPLES, dtype=np.float64)
    turn = 2 * np.pi * i / SAMPLE_RATE
    noise = ((i * 7919) % 1000) / 500 - 1
    return (0.4 * (i / SAMPLES) * np.sin(440 * turn) + 0.1 * np.sin(3000 * turn) + 0.05 * noise).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    target: Path = parser.parse_args().target
    samples = golden_samples()
    silence = 1_600
    cases = {"plain": log_mel(samples), "withSilence": log_mel(samples, silence)}
    golden = {
        "sampleFormula": FORMULA,
        "samples": SAMPLES,
        "silenceSamples": silence,
        "firstSamples": [round(float(x), 7) for x in samples[:4]],
        "layout": "mel[band][frame]; withSilence: silenceSamples zeros appended to the samples before the transform",
        "mel": {name: [[round(float(x), 5) for x in band] for band in mel] for name, mel in cases.items()},
    }
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
