"""Make Kyutai checkpoints with random weights: the real architecture in any size, for checks and timings.

    python training/kyutai_random.py training/build/random --size small --layout transformers
    python training/kyutai_random.py training/build/random-1b --size wide --layers 16

Plain random weights say one token for ever. So the codebooks lie where the latents of sound do, the embeddings are
large enough to be heard through the residuals, and the rows of the two silent tokens are larger than the others', which
gives a stream that falls silent and speaks as a trained one does.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import KyutaiSpeechToTextConfig, KyutaiSpeechToTextForConditionalGeneration, MimiConfig

from kyutai_moshi_layout import write_moshi
from kyutai_random_sound import random_sound
from kyutai_random_tokenizer import write_tokenizer
from kyutai_size import SIZES, Size


def random_model(size: Size, seed: int) -> KyutaiSpeechToTextForConditionalGeneration:
    """transformers' model, float32."""
    torch.manual_seed(seed)
    codec = MimiConfig(
        num_filters=size.filters,
        hidden_size=size.mimi_width,
        num_hidden_layers=size.mimi_layers,
        num_attention_heads=size.mimi_heads,
        num_key_value_heads=size.mimi_heads,
        intermediate_size=size.mimi_hidden,
        sliding_window=size.mimi_window,
        num_quantizers=size.codebooks,
        codebook_size=size.codes,
        codebook_dim=size.code_width,
        vector_quantization_hidden_dimension=size.code_width,
        upsample_groups=size.mimi_width,
    )
    config = KyutaiSpeechToTextConfig(
        codec_config=codec,
        codebook_vocab_size=size.codes + 1,
        vocab_size=size.text_tokens + 1,
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        sliding_window=size.window,
        ffn_dim=2 * size.hidden,
        num_codebooks=size.codebooks,
        audio_bos_token_id=size.codes,
        audio_pad_token_id=size.text_tokens + 1 + size.codebooks * (size.codes + 1),
        bos_token_id=size.text_tokens,
        rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
    )
    model = KyutaiSpeechToTextForConditionalGeneration(config).eval()
    with torch.no_grad():
        _spread_language(model, size)
        _spread_mimi(model, seed)
    return model


def _spread_language(model: KyutaiSpeechToTextForConditionalGeneration, size: Size) -> None:
    for name, parameter in model.model.named_parameters():
        if parameter.dim() == 2 and "embed" not in name:
            parameter.normal_(0, parameter.shape[1] ** -0.5)
        elif "norm" in name:
            parameter.uniform_(0.5, 1.5)
    embedding = model.model.embed_tokens.embed_tokens.weight
    embedding.normal_(0, 1)
    embedding[-1] = 0
    head = model.lm_head.weight
    head.normal_(0, 3 * size.width**-0.5)
    head[3] *= 3.5
    head[0] *= 3.0
    head[-1] = 0


def _spread_mimi(model: KyutaiSpeechToTextForConditionalGeneration, seed: int) -> None:
    """Random weights with layer scales that matter, and codebooks as large as the latents of another sound."""
    for name, parameter in model.codec_model.named_parameters():
        if name.endswith(".scale"):
            parameter.uniform_(0.2, 0.6)
        elif "norm" in name and name.endswith("weight"):
            parameter.uniform_(0.5, 1.5)
        elif parameter.dim() == 2:
            parameter.normal_(0, parameter.shape[1] ** -0.5)
    sound = torch.from_numpy(random_sound(24, seed + 1))[None, None]
    latents = model.codec_model.encoder(sound).latents
    generator = torch.Generator().manual_seed(seed)
    quantizer = model.codec_model.quantizer
    for rvq in (quantizer.semantic_residual_vector_quantizer, quantizer.acoustic_residual_vector_quantizer):
        rvq.input_proj.weight.normal_(0, latents.shape[1] ** -0.5)
        residual = rvq.input_proj(latents)[0].T
        for layer in rvq.layers:
            book = layer.codebook
            # Words this large keep the residuals from shrinking into rounding errors, as they would after thirty stages.
            noise = torch.randn(book.embed_sum.shape, generator=generator)
            words = residual.mean(0) + 0.8 * residual.std(0).mean() * noise
            book.cluster_usage.uniform_(0.5, 2)
            book.embed_sum.copy_(words * book.cluster_usage[:, None])
            book._embed = None
            residual = residual - book.decode(book.encode(residual))


def write_transformers(model: KyutaiSpeechToTextForConditionalGeneration, folder: Path) -> None:
    model.save_pretrained(folder)
    sound = {"audio_delay_seconds": 0.5, "audio_silence_prefix_seconds": 0.0}
    (folder / "preprocessor_config.json").write_text(json.dumps(sound))


def repeat_layers(folder: Path, layers: int) -> None:
    """Make a transformers checkpoint deeper by repeating its layers, one bfloat16 shard each, as published ones are.

    For timings: the full shape without its memory.
    """
    whole = folder / "model.safetensors"
    config = json.loads((folder / "config.json").read_text())
    index: dict[str, str] = {}

    def write_shard(name: str, tensors: dict[str, torch.Tensor]) -> None:
        save_file(tensors, folder / name)
        index.update(dict.fromkeys(tensors, name))

    with safe_open(whole, framework="pt") as file:
        names = list(file.keys())
        shared = [n for n in names if not n.startswith("model.layers.")]
        write_shard("shared.safetensors", {n: file.get_tensor(n).bfloat16() for n in shared})
        for layer in range(layers):
            own = f"model.layers.{layer % config['num_hidden_layers']}."
            tensors = {n.replace(own, f"model.layers.{layer}."): file.get_tensor(n).bfloat16() for n in names if own in n}
            write_shard(f"layer-{layer}.safetensors", tensors)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": layers}, indent=2))
    whole.unlink()


def write_checkpoint(folder: Path, size: Size, layout: str, seed: int) -> KyutaiSpeechToTextForConditionalGeneration:
    """Write a checkpoint and return the model it was made from."""
    folder.mkdir(parents=True, exist_ok=True)
    model = random_model(size, seed)
    if layout == "transformers":
        write_transformers(model, folder)
    else:
        write_moshi(model, size, folder)
    write_tokenizer(folder / "tokenizer.model", size.text_tokens)
    (folder / "size.json").write_text(json.dumps(asdict(size)))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--layout", choices=["transformers", "moshi"], default="transformers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layers", type=int, help="repeat the language model's layers to this many")
    arguments = parser.parse_args()
    if arguments.layers and arguments.layout != "transformers":
        parser.error("--layers needs the transformers layout")
    write_checkpoint(arguments.target, SIZES[arguments.size], arguments.layout, arguments.seed)
    if arguments.layers:
        repeat_layers(arguments.target, arguments.layers)


if __name__ == "__main__":
    main()
