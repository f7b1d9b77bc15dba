"""Compare ways to pad short windows, in PyTorch with the original weights.

    python training/compare_padding.py training/build/weights shared/speech --pad 1 --columns 10
    python training/compare_padding.py training/build/weights shared/speech --pad 1            # silence only
    python training/compare_padding.py training/build/weights shared/speech --pad 1 --columns 10 --cross-only

`--pad` is the real silence after the speech in seconds, `--columns` the number of virtual silence columns.
`shared/speech` holds dev/ (evaluated) and adapt/ (whose free clips precede the silence that the columns are made of).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from greedy import decode, load_rules
from log_mel import SAMPLE_RATE, log_mel
from score import format_table, score_rows
from short_windows import cut_clips, prefix_table, whole_clips
from silence_columns import choose_clips, silence_columns
from whisper_model import load_model

FRAME_SAMPLES = 320


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("speech", type=Path)
    parser.add_argument("--pad", type=float, required=True, help="seconds; 30 fills the window to 30 s")
    parser.add_argument("--columns", type=int, default=0)
    parser.add_argument("--cross-only", action="store_true", help="no columns in the encoder")
    parser.add_argument("--cut", action="store_true", help="windows that end in mid-speech")
    arguments = parser.parse_args()
    model, rules = load_model(arguments.weights), load_rules(arguments.weights)
    own, cross = None, None
    if arguments.columns:
        own, cross = silence_columns(model, choose_clips(arguments.speech / "adapt"), arguments.columns)
    if arguments.cross_only:
        own = None
    rows = []
    for clip, samples in (cut_clips if arguments.cut else whole_clips)(arguments.speech / "dev"):
        missing = -len(samples) % FRAME_SAMPLES
        pad = min(int(arguments.pad * SAMPLE_RATE), 30 * SAMPLE_RATE - len(samples) - missing)
        mel = torch.from_numpy(log_mel(samples, missing + pad // FRAME_SAMPLES * FRAME_SAMPLES))[None]
        cache = model.decoder.start(model.encoder(mel, silence=own), silence=cross)
        limit = int(8 + 8 * len(samples) / SAMPLE_RATE)
        text = decode(model.decoder, cache, rules, [clip.language], [limit], cut_loops=True)[0]
        rows.append({"set": clip.set, "lang": clip.language, "reference": clip.reference, "hypothesis": text})
    print(prefix_table(rows) if arguments.cut else format_table(score_rows(rows)))


if __name__ == "__main__":
    main()
