"""Where the time of a step goes: ONNX Runtime's own profile of a step graph, by operator and shape.

    python training/step_profile.py training/build/small-15m --streams 32
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime

from step_driver import TYPES



def inputs(session: onnxruntime.InferenceSession, streams: int) -> dict[str, np.ndarray]:
    """Noise where values matter, zeros where integers count."""
    rng, feeds = np.random.default_rng(1), {}
    for value in session.get_inputs():
        shape = [streams if isinstance(axis, str) else axis for axis in value.shape]
        kind = TYPES[value.type]
        is_real = np.issubdtype(kind, np.floating)
        feeds[value.name] = (0.1 * rng.standard_normal(shape)).astype(kind) if is_real else np.zeros(shape, kind)
    return feeds


def profile(folder: Path, streams: int, runs: int) -> list[dict[str, object]]:
    """Events of ONNX Runtime over all runs."""
    with tempfile.TemporaryDirectory() as place:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(place) / "step")
        graph = json.loads((folder / "manifest.json").read_text())["graph"]
        session = onnxruntime.InferenceSession(folder / graph, options, providers=["CPUExecutionProvider"])
        feeds = inputs(session, streams)
        for _ in range(runs):
            session.run(None, feeds)
        return json.loads(Path(session.end_profiling()).read_text())


def kind_of(arguments: dict[str, object]) -> str:
    """Products are told apart by their first two shapes: those with weights show one, for the weights are packed."""
    name = str(arguments["op_name"])
    if "MatMul" not in name:
        return name
    return f"{name} {' × '.join(str(next(iter(shape.values()))) for shape in arguments['input_type_shape'][:2])}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--streams", type=int, default=32)
    parser.add_argument("--runs", type=int, default=40)
    arguments = parser.parse_args()
    durations: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for event in profile(arguments.folder, arguments.streams, arguments.runs):
        if event.get("cat") == "Node" and str(event["name"]).endswith("_kernel_time"):
            durations[kind_of(event["args"])][str(event["name"])].append(int(event["dur"]))
    # The shortest of each node's runs: what others on the machine took is not in it.
    least = {kind: sum(min(runs) for runs in nodes.values()) / 1000 for kind, nodes in durations.items()}
    total = sum(least.values())
    print(f"{arguments.folder.name}, {arguments.streams} streams, one thread, onnxruntime {onnxruntime.__version__}: {total:.1f} ms")
    for kind, ms in sorted(least.items(), key=lambda entry: -entry[1]):
        if ms >= total / 200:
            print(f"{ms:8.2f} ms {ms / total:6.1%}  {len(durations[kind]):3} × {kind}")


if __name__ == "__main__":
    main()
