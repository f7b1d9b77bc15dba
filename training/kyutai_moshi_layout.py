"""Write a model of transformers under the names, and in the order, of the moshi package."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import KyutaiSpeechToTextForConditionalGeneration

from kyutai_size import Size


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
