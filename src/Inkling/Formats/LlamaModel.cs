using System.Text.Json.Nodes;
using Inkling.Models;
using Inkling.Tensors;

namespace Inkling.Formats;

/// <summary>
/// Llama and those that differ from it in one thing: Mistral (a sliding window) and Qwen 3 (norms of queries and keys). Matrices lie as
/// (outputs, inputs), and queries, keys and values, gate and up each have one of their own.
/// </summary>
internal sealed class LlamaModel(GptConfig config) : HuggingFaceModel(config)
{
    private bool HasBiases => Shape.Biases == BiasPlacement.Everywhere;

    private (string Type, string Architecture) Family => (Shape.QueryKeyNorm, Shape.AttentionWindow > 0) switch
    {
        (true, _) => ("qwen3", "Qwen3ForCausalLM"),
        (_, true) => ("mistral", "MistralForCausalLM"),
        _ => ("llama", "LlamaForCausalLM"),
    };

    public override IReadOnlyList<string> ShapeFields =>
    [
        "model_type", "vocab_size", "max_position_embeddings", "hidden_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "intermediate_size", "hidden_act", "rms_norm_eps", "rope_theta", "tie_word_embeddings",
        "sliding_window",
    ];

    /// <summary>Whether one of the family computes what the model computes. Only Llama itself can have biases, in all layers or none.</summary>
    public static bool CanExpress(GptConfig config)
        => config is
        {
            Norm: NormKind.RmsNorm, NormPlacement: NormPlacement.Before, Positions: PositionKind.Rotary, Head: not HeadKind.UntiedWithBias,
        }
        && config.Activation.IsGated()
        && (config.Biases == BiasPlacement.None
            || config is { Biases: BiasPlacement.Everywhere, QueryKeyNorm: false, AttentionWindow: 0 });

    public override JsonObject Config() => new()
    {
        ["model_type"] = Family.Type,
        ["architectures"] = new JsonArray(Family.Architecture),
        ["vocab_size"] = Shape.VocabularySize,
        ["max_position_embeddings"] = Shape.ContextLength,
        ["hidden_size"] = Shape.Width,
        ["num_hidden_layers"] = Shape.LayerCount,
        ["num_attention_heads"] = Shape.HeadCount,
        ["num_key_value_heads"] = Shape.EffectiveKeyValueHeadCount,
        ["head_dim"] = Shape.EffectiveHeadSize,
        ["intermediate_size"] = Shape.EffectiveFeedForwardWidth,
        ["hidden_act"] = Shape.Activation == FeedForwardKind.Swiglu ? "silu" : "gelu_pytorch_tanh",
        ["rms_norm_eps"] = Shape.NormEpsilon,
        ["rope_theta"] = Shape.RotaryBase,
        ["tie_word_embeddings"] = Shape.Head == HeadKind.Tied,
        ["sliding_window"] = Shape.AttentionWindow > 0 ? Shape.AttentionWindow : null,
        // Qwen 3 asks twice whether it shall have a window, and from which layer on.
        ["use_sliding_window"] = Shape.AttentionWindow > 0,
        ["max_window_layers"] = 0,
        ["attention_bias"] = HasBiases,
        ["mlp_bias"] = HasBiases,
        ["attention_dropout"] = Shape.AttentionDropout,
        ["initializer_range"] = Shape.InitialDeviation,
        // Unless told otherwise, transformers takes tokens 1 and 2.
        ["bos_token_id"] = null,
        ["eos_token_id"] = null,
        ["torch_dtype"] = "float32",
    };

    public override StoredTensor[] Tensors(Gpt model)
    {
        var parameters = model.Parameters.Parameters.ToDictionary(parameter => parameter.Name);
        int queries = Shape.HeadCount * Shape.EffectiveHeadSize, keys = Shape.EffectiveKeyValueHeadCount * Shape.EffectiveHeadSize;
        var (C, F) = (Shape.Width, Shape.EffectiveFeedForwardWidth);
        List<StoredTensor> tensors = [Whole("model.embed_tokens", "wte"), Whole("model.norm", "ln_f")];
        if (Shape.Head != HeadKind.Tied)
        {
            tensors.Add(Whole("lm_head", "lm_head"));
        }

        for (var layer = 0; layer < Shape.LayerCount; layer++)
        {
            string to = $"model.layers.{layer}", from = $"h.{layer}";
            tensors.AddRange([Whole($"{to}.input_layernorm", $"{from}.ln_1"), Whole($"{to}.post_attention_layernorm", $"{from}.ln_2")]);
            if (Shape.QueryKeyNorm)
            {
                tensors.AddRange([Whole($"{to}.self_attn.q_norm", $"{from}.attn.q_norm"), Whole($"{to}.self_attn.k_norm", $"{from}.attn.k_norm")]);
            }

            tensors.AddRange(
            [
                .. Linear($"{to}.self_attn.q_proj", $"{from}.attn.c_attn", 0, queries),
                .. Linear($"{to}.self_attn.k_proj", $"{from}.attn.c_attn", queries, keys),
                .. Linear($"{to}.self_attn.v_proj", $"{from}.attn.c_attn", queries + keys, keys),
                .. Linear($"{to}.self_attn.o_proj", $"{from}.attn.c_proj", 0, C),
                .. Linear($"{to}.mlp.gate_proj", $"{from}.mlp.c_fc", 0, F),
                .. Linear($"{to}.mlp.up_proj", $"{from}.mlp.c_fc", F, F),
                .. Linear($"{to}.mlp.down_proj", $"{from}.mlp.c_proj", 0, C),
            ]);
        }

        return [.. tensors];

        StoredTensor Whole(string name, string ours) => Stored($"{name}.weight", parameters[$"{ours}.weight"]);

        IEnumerable<StoredTensor> Linear(string name, string ours, int firstColumn, int columns)
        {
            var weight = parameters[$"{ours}.weight"];
            yield return new StoredTensor($"{name}.weight", [columns, weight.Description.Rows], weight) { FirstColumn = firstColumn, IsTransposed = true };
            if (HasBiases)
            {
                yield return new StoredTensor($"{name}.bias", [columns], parameters[$"{ours}.bias"]) { FirstColumn = firstColumn };
            }
        }

        static StoredTensor Stored(string name, Parameter parameter) => new(name, parameter.Description.FileShape, parameter);
    }
}
