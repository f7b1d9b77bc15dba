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
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import KyutaiSpeechToTextConfig, KyutaiSpeechToTextForConditionalGeneration, MimiConfig

from kyutai_random_sound import random_sound
from kyutai_random_tokenizer import write_tokenizer


@dataclass(frozen=True)
class Size:
    """What differs between the sizes; everything else is the published architecture's."""

    width: int
    layers: int
    heads: int
    hidden: int
    window: int
    text_tokens: int
    codebooks: int
    codes: int
    filters: int
    mimi_width: int
    mimi_layers: int
    mimi_heads: int
    mimi_hidden: int
    mimi_window: int
    code_width: int


REAL_MIMI = {"filters": 64, "mimi_width": 512, "mimi_layers": 8, "mimi_heads": 8, "mimi_hidden": 2048, "code_width": 256}
SIZES = {
    "tiny": Size(32, 2, 2, 48, 24, 48, 4, 16, 2, 16, 2, 2, 32, 16, 8),
    "small": Size(256, 4, 4, 704, 100, 500, 8, 256, 8, 64, 4, 4, 256, 50, 32),
    "wide": Size(2048, 2, 16, 5632, 750, 8000, 32, 2048, mimi_window=250, **REAL_MIMI),
    "wide-short": Size(2048, 2, 16, 5632, 100, 8000, 32, 2048, mimi_window=50, **REAL_MIMI),
}


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


def write_moshi(model: KyutaiSpeechToTextForConditionalGeneration, size: Size, folder: Path) -> None:
    """The same weights under the names, and in the order, of the moshi package."""
    language = _moshi_language(model, size)
    save_file({k: v.contiguous() for k, v in language.items()}, folder / "model.safetensors")
    save_file({k: v.contiguous() for k, v in _moshi_mimi(model, size).items()}, folder / "mimi.safetensors")
    (folder / "mimi.json").write_text(json.dumps(moshi_mimi_config(size), indent=2))
    (folder / "config.json").write_text(json.dumps(moshi_config(size), indent=2))


def moshi_config(size: Size) -> dict[str, object]:
    return {
        "dim": size.width,
        "text_card": size.text_tokens,
        "existing_text_padding_id": 3,
        "n_q": size.codebooks,
        "dep_q": 0,
        "card": size.codes,
        "num_heads": size.heads,
        "num_layers": size.layers,
        "hidden_scale": 1.5 * size.hidden / size.width,
        "causal": True,
        "layer_scale": None,
        "context": size.window,
        "max_period": 100_000.0,
        "gating": "silu",
        "norm": "rms_norm_f32",
        "positional_embedding": "rope",
        "depformer_dim": 8,
        "depformer_multi_linear": True,
        "delays": [0] * (size.codebooks + 1),
        "model_type": "stt",
        "stt_config": {"audio_delay_seconds": 0.5, "audio_silence_prefix_seconds": 0.0},
        "moshi_name": "model.safetensors",
        "mimi_name": "mimi.safetensors",
        "mimi_config_name": "mimi.json",
        "tokenizer_name": "tokenizer.model",
    }


def moshi_mimi_config(size: Size) -> dict[str, object]:
    seanet = {
        "channels": 1, "dimension": size.mimi_width, "causal": True, "n_filters": size.filters, "n_residual_layers": 1,
        "activation": "ELU", "compress": 2, "dilation_base": 2, "disable_norm_outer_blocks": 0, "kernel_size": 7,
        "residual_kernel_size": 3, "last_kernel_size": 3, "norm": "none", "pad_mode": "constant",
        "ratios": [8, 6, 5, 4], "true_skip": True,
    }  # fmt: skip
    transformer = {
        "d_model": size.mimi_width, "num_heads": size.mimi_heads, "num_layers": size.mimi_layers, "causal": True,
        "layer_scale": 0.01, "context": size.mimi_window, "conv_layout": True, "max_period": 10_000, "gating": "none",
        "norm": "layer_norm", "positional_embedding": "rope", "dim_feedforward": size.mimi_hidden,
        "input_dimension": size.mimi_width, "output_dimensions": [size.mimi_width],
    }  # fmt: skip
    quantizer = {
        "dimension": size.code_width, "n_q": size.codebooks, "bins": size.codes,
        "input_dimension": size.mimi_width, "output_dimension": size.mimi_width,
    }  # fmt: skip
    return {
        "sample_rate": 24_000, "channels": 1, "frame_rate": 12.5,
        "seanet": seanet, "quantizer": quantizer, "transformer": transformer,
    }  # fmt: skip


def _interleave(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows of half-split rotary positions to interleaved ones."""
    rows, columns = weight.shape
    return weight.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)


def _moshi_language(model: KyutaiSpeechToTextForConditionalGeneration, size: Size) -> dict[str, torch.Tensor]:
    embedding = model.model.embed_tokens.embed_tokens.weight.data
    text, *audio = embedding[:-1].split([size.text_tokens + 1] + [size.codes + 1] * size.codebooks)
    tensors = {f"emb.{i}.weight": rows for i, rows in enumerate(audio)}
    tensors |= {"text_emb.weight": text, "text_linear.weight": model.lm_head.weight.data[:-1]}
    tensors["out_norm.alpha"] = model.model.norm.weight.data[None, None]
    for i, layer in enumerate(model.model.layers):
        attention, prefix = layer.self_attn, f"transformer.layers.{i}."
        query, key, value = (getattr(attention, f"{n}_proj").linear.weight.data for n in "qkv")
        mixed = torch.cat([_interleave(query, size.heads), _interleave(key, size.heads), value])
        tensors |= {
            prefix + "self_attn.in_proj_weight": mixed,
            prefix + "self_attn.out_proj.weight": attention.o_proj.linear.weight.data,
            prefix + "gating.linear_in.weight": layer.mlp.fc1.weight.data,
            prefix + "gating.linear_out.weight": layer.mlp.fc2.weight.data,
            prefix + "norm1.alpha": layer.input_layernorm.weight.data[None, None],
            prefix + "norm2.alpha": layer.post_attention_layernorm.weight.data[None, None],
        }
    return tensors


def _moshi_mimi(model: KyutaiSpeechToTextForConditionalGeneration, size: Size) -> dict[str, torch.Tensor]:
    """Mimi's encoder and codebooks; the exporter needs no decoder."""
    encoder = model.codec_model.encoder
    tensors = {"downsample.conv.conv.conv.weight": encoder.downsample.conv.weight.data}
    for name, value in encoder.encoder_seanet.named_parameters():
        place = name.removeprefix("layers.").replace(".conv.", ".conv.conv.")
        tensors[f"encoder.model.{place}"] = value.data
    for i, layer in enumerate(encoder.encoder_transformer.layers):
        prefix = f"encoder_transformer.transformer.layers.{i}."
        query, key, value = (getattr(layer.self_attn, f"{n}_proj").weight.data for n in "qkv")
        mixed = torch.cat([_interleave(query, size.mimi_heads), _interleave(key, size.mimi_heads), value])
        tensors |= {
            prefix + "self_attn.in_proj_weight": mixed,
            prefix + "self_attn.out_proj.weight": layer.self_attn.o_proj.weight.data,
            prefix + "linear1.weight": layer.mlp.fc1.weight.data,
            prefix + "linear2.weight": layer.mlp.fc2.weight.data,
            prefix + "layer_scale_1.scale": layer.self_attn_layer_scale.scale.data,
            prefix + "layer_scale_2.scale": layer.mlp_layer_scale.scale.data,
        }
        for own, norm in (("norm1", layer.input_layernorm), ("norm2", layer.post_attention_layernorm)):
            tensors |= {f"{prefix}{own}.weight": norm.weight.data, f"{prefix}{own}.bias": norm.bias.data}
    quantizer = model.codec_model.quantizer
    both = {"rvq_first": quantizer.semantic_residual_vector_quantizer, "rvq_rest": quantizer.acoustic_residual_vector_quantizer}
    for name, rvq in both.items():
        tensors[f"quantizer.{name}.input_proj.weight"] = rvq.input_proj.weight.data
        tensors[f"quantizer.{name}.output_proj.weight"] = rvq.output_proj.weight.data
        for i, layer in enumerate(rvq.layers):
            prefix = f"quantizer.{name}.vq.layers.{i}._codebook."
            tensors |= {
                prefix + "embedding_sum": layer.codebook.embed_sum.data,
                prefix + "cluster_usage": layer.codebook.cluster_usage.data,
                prefix + "_initialized": layer.codebook.initialized.data,
            }
    return tensors


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
