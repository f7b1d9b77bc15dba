"""What the exporter says about checkpoints that it cannot export, and that both layouts give the same graph.

    python -m unittest discover -s training -p 'kyutai_*_test.py'
"""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file, save_file

from kyutai_config import CheckpointError
from kyutai_export import export
from kyutai_graph_builder import BLOCK, Precision, quantise_blocks
from kyutai_random import write_checkpoint
from kyutai_size import SIZES


class Export(unittest.TestCase):
    place: tempfile.TemporaryDirectory[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.place = tempfile.TemporaryDirectory()
        for layout in ("transformers", "moshi"):
            write_checkpoint(Path(cls.place.name) / layout, SIZES["tiny"], layout, seed=1)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.place.cleanup()

    def copy(self, layout: str) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self.place.name)) / layout
        shutil.copytree(Path(self.place.name) / layout, folder)
        return folder

    def export(self, folder: Path, precision: Precision = Precision.FLOAT32) -> Path:
        target = folder.parent / "step"
        export(folder, target, precision, delay=None, languages=None)
        return target

    def assert_refused(self, folder: Path, *words: str) -> None:
        with self.assertRaises(CheckpointError) as refused:
            self.export(folder)
        for word in words:
            self.assertIn(word, str(refused.exception))
        self.assertFalse((folder.parent / "step" / "step.data").exists(), "half a graph is left behind")

    def change(self, file: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
        tensors = load_file(file)
        change(tensors)
        save_file(tensors, file)

    def test_both_layouts_give_the_same_weights(self) -> None:
        weights = []
        for layout in ("transformers", "moshi"):
            graph = onnx.load(self.export(self.copy(layout)) / "step.onnx").graph
            weights.append({t.name: numpy_helper.to_array(t) for t in graph.initializer})
        self.assertEqual(weights[0].keys(), weights[1].keys())
        for name, array in weights[0].items():
            np.testing.assert_array_equal(array, weights[1][name], err_msg=name)

    def test_a_missing_tensor_is_named(self) -> None:
        folder = self.copy("moshi")
        name = "transformer.layers.1.gating.linear_out.weight"
        self.change(folder / "model.safetensors", lambda tensors: tensors.pop(name))
        self.assert_refused(folder, name, "missing", "model.safetensors")

    def test_a_tensor_of_another_shape_is_named_with_both_shapes(self) -> None:
        folder = self.copy("transformers")
        name = "codec_model.encoder.layers.0.conv.weight"
        self.change(folder / "model.safetensors", lambda tensors: tensors.update({name: torch.zeros(2, 1, 5)}))
        self.assert_refused(folder, name, "[2, 1, 5]", "[2, 1, 7]")

    def test_weights_of_the_other_layout_are_told_apart(self) -> None:
        folder = self.copy("transformers")
        shutil.copy(Path(self.place.name) / "moshi" / "model.safetensors", folder / "model.safetensors")
        self.assert_refused(folder, "promises the transformers layout", "model.layers.0.input_layernorm.weight")

    def test_a_truncated_file_is_refused(self) -> None:
        folder = self.copy("moshi")
        data = (folder / "mimi.safetensors").read_bytes()
        (folder / "mimi.safetensors").write_bytes(data[: len(data) // 2])
        self.assert_refused(folder, "mimi.safetensors", "not a whole safetensors file")

    def test_another_kind_of_model_is_refused(self) -> None:
        folder = self.copy("moshi")
        (folder / "config.json").write_text(json.dumps({"model_type": "whisper"}))
        self.assert_refused(folder, "neither the transformers layout", "nor the moshi layout")

    def test_a_model_that_speaks_is_refused(self) -> None:
        folder = self.copy("moshi")
        raw = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(raw | {"dep_q": 8}))
        self.assert_refused(folder, "dep_q is 8")

    def test_a_tokenizer_of_another_size_is_refused(self) -> None:
        folder = self.copy("moshi")
        shutil.copy(folder / "config.json", folder / "kept.json")
        raw = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(raw | {"text_card": 47}))
        self.assert_refused(folder, "48 pieces", "47")

    def test_the_vocabulary_has_the_bytes_of_every_piece(self) -> None:
        vocabulary = json.loads((self.export(self.copy("moshi")) / "vocabulary.json").read_text())
        self.assertEqual(vocabulary[:4], [None] * 4)
        self.assertEqual(base64.b64decode(vocabulary[4]).decode(), " ba")
        self.assertEqual(base64.b64decode(vocabulary[5]).decode(), "ba")

    def test_8_bits_are_within_half_a_step(self) -> None:
        weight = np.random.default_rng(0).standard_normal((6, 2 * BLOCK + 5)).astype(np.float32)
        values, scales = quantise_blocks(weight)
        restored = (values.astype(np.float32) - 128) * scales.reshape(6, 3, 1)
        error = np.abs(restored.reshape(6, -1)[:, : weight.shape[1]] - weight)
        self.assertLessEqual(error.max(), scales.max() / 2 * 1.001)


if __name__ == "__main__":
    unittest.main()
