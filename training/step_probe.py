"""Write the probe: a step graph that spells loudness, so that a test can read which audio reached the model and when.

    python training/step_probe.py agents/speech/streaming/fixtures/probe

Each step has a level from 0 to 8, its loudest sample in ninths of full scale. A change to another level but 0 is a
word, "a" to "h", said two steps later; output `ago` is a quarter of a step for every level. Two faults are built in: a sample of -32768 makes the state not-a-number, and
one above 99 % of full scale makes the graph fail.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from graph_builder import FLOAT, GraphBuilder
from step_encoder import INT32, SAMPLE_RATE, STEP_SAMPLES
from step_model import write_model

LEVELS = 8
DELAY_STEPS = 2
PAD, WORD_END, FIRST_WORD = 0, 1, 2


def build_probe() -> onnx.ModelProto:
    g = GraphBuilder("probe")
    pcm = g.input("pcm", FLOAT, ["B", STEP_SAMPLES])
    previous = g.input("previous", FLOAT, ["B", 1])
    line = g.input("line", INT32, ["B", DELAY_STEPS])
    fed_back = g.input("token_before", INT32, ["B"])
    peak = g.op("ReduceMax", g.op("Abs", pcm), g.ints(1), keepdims=1)
    level = g.op("Min", g.op("Floor", g.op("Mul", peak, g.scalar(LEVELS + 1.0))), g.scalar(float(LEVELS)))
    poison = g.op("Mul", g.op("Log", g.op("Sub", g.scalar(1.0), peak)), g.scalar(0.0))
    g.output(g.op("Add", level, poison), "previous_new", FLOAT, ["B", 1])
    loud = g.op("And", g.op("Greater", peak, g.scalar(0.99)), g.op("Less", peak, g.scalar(1.0)))
    g.output(g.op("Squeeze", g.op("Mul", level, g.scalar(0.25)), g.ints(1)), "ago", FLOAT, ["B"])
    far_out = g.op("Mul", g.op("Cast", loud, to=FLOAT), g.scalar(100.0))
    index = g.op("Cast", g.op("Add", level, far_out), to=TensorProto.INT64)
    words = g.constant(np.array([PAD, *range(FIRST_WORD, FIRST_WORD + LEVELS)], np.int32), "words")
    word = g.op("Gather", words, index, axis=0)
    same = g.op("Equal", level, previous)
    now = g.op("Where", same, g.constant(np.array(PAD, np.int32), "pad"), word)
    said, rest = g.op("Slice", line, g.ints(0), g.ints(1), g.ints(1)), g.op("Slice", line, g.ints(1), g.ints(99), g.ints(1))
    g.output(g.op("Concat", rest, now, axis=1), "line_new", INT32, ["B", DELAY_STEPS])
    nothing = g.op("Mul", fed_back, g.constant(np.array(0, np.int32), "zero"))
    g.output(g.op("Add", g.op("Squeeze", said, g.ints(1)), nothing), "token", INT32, ["B"])
    return g.model()


MANIFEST = {
    "kind": "step",
    "name": "probe",
    "licence": "CC0-1.0",
    "languages": ["en"],
    "sampleRateHz": SAMPLE_RATE,
    "frameMs": 1000 * STEP_SAMPLES // SAMPLE_RATE,
    "delayMs": 1000 * STEP_SAMPLES * DELAY_STEPS // SAMPLE_RATE,
    "tokenizer": {"type": "base64-pieces", "file": "vocabulary.json", "size": FIRST_WORD + LEVELS},
    "origin": None,
    "stepSamples": STEP_SAMPLES,
    "graph": "step.onnx",
    "audio": {"input": "pcm", "before": 0, "after": 0},
    "rings": [],
    "masks": [],
    "carries": [
        {"input": "previous", "output": "previous_new", "shape": [1]},
        {"input": "line", "output": "line_new", "shape": [DELAY_STEPS]},
    ],
    "counters": [],
    "text": {
        "rule": "delayed-streams",
        "output": "token",
        "delaySteps": DELAY_STEPS,
        "feedback": {"input": "token_before", "first": PAD},
        "pad": PAD,
        "wordEnd": WORD_END,
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    pieces = [None, None, *(f" {letter}".encode() for letter in "abcdefgh")]
    write_model(folder, build_probe(), MANIFEST, pieces)


if __name__ == "__main__":
    main()
