using System.Text.Json.Nodes;
using Inkling.Models;

namespace Inkling.Formats;

/// <summary>GPT-2, or under the type "inkling", which other tools refuse, what only we compute.</summary>
internal sealed class Gpt2Model(GptConfig config) : HuggingFaceModel(config)
{
    // transformers wants it on all names but the head's as soon as the file has a head; GPT-2's own files do without.
    private const string BodyPrefix = "transformer.";

    /// <summary>Whether GPT-2's code computes the model, with biases that may be absent, which is to say zero.</summary>
    private bool IsGpt2
        => Shape.HeadCount * Shape.EffectiveHeadSize == Shape.Width
        && Shape.EffectiveKeyValueHeadCount == Shape.HeadCount
        && Shape is
        {
            Norm: NormKind.LayerNorm, NormPlacement: NormPlacement.Before, Positions: PositionKind.Learned,
            AttentionWindow: 0, QueryKeyNorm: false, Head: not HeadKind.UntiedWithBias,
        }
        && !Shape.Activation.IsGated();

    public override IReadOnlyList<string> ShapeFields =>
    [
        "model_type", "vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner",
        "activation_function", "layer_norm_epsilon", "tie_word_embeddings",
    ];

    public override JsonObject Config() => new()
    {
        ["model_type"] = IsGpt2 ? "gpt2" : "inkling",
        ["architectures"] = new JsonArray(IsGpt2 ? "GPT2LMHeadModel" : "InklingForCausalLM"),
        ["vocab_size"] = Shape.VocabularySize,
        ["n_positions"] = Shape.ContextLength,
        ["n_ctx"] = Shape.ContextLength,
        ["n_embd"] = Shape.Width,
        ["n_layer"] = Shape.LayerCount,
        ["n_head"] = Shape.HeadCount,
        ["n_inner"] = Shape.EffectiveFeedForwardWidth,
        ["activation_function"] = Shape.Activation switch
        {
            FeedForwardKind.None => "linear",
            FeedForwardKind.Relu => "relu",
            FeedForwardKind.ReluSquared => "relu2",
            FeedForwardKind.Gelu => "gelu",
            FeedForwardKind.GeluTanh => "gelu_new",
            FeedForwardKind.Silu => "silu",
            FeedForwardKind.Swiglu => "swiglu",
            _ => "geglu",
        },
        ["layer_norm_epsilon"] = Shape.NormEpsilon,
        ["tie_word_embeddings"] = Shape.Head == HeadKind.Tied,
        ["scale_attn_weights"] = true,
        ["embd_pdrop"] = Shape.EmbeddingDropout,
        ["attn_pdrop"] = Shape.AttentionDropout,
        ["resid_pdrop"] = Shape.ResidualDropout,
        ["initializer_range"] = Shape.InitialDeviation,
        // Unless told otherwise, transformers takes token 50,256 for both.
        ["bos_token_id"] = null,
        ["eos_token_id"] = null,
        ["torch_dtype"] = "float32",
    };

    /// <summary>The parameters and, where the model is GPT-2 but for missing biases, zeros for those.</summary>
    public override StoredTensor[] Tensors(Gpt model)
    {
        var parameters = model.Parameters.Parameters;
        var names = parameters.Select(parameter => parameter.Name).ToHashSet();
        var prefix = Shape.Head == HeadKind.Tied ? "" : BodyPrefix;
        return [.. parameters.SelectMany(parameter =>
        {
            var isHead = parameter.Name.StartsWith("lm_head.", StringComparison.Ordinal);
            var stored = new StoredTensor((isHead ? "" : prefix) + parameter.Name, parameter.Description.FileShape, parameter);
            var bias = parameter.Name.Replace(".weight", ".bias", StringComparison.Ordinal);
            return IsGpt2 && !isHead && !IsTable(parameter.Name) && !names.Contains(bias)
                ? new[] { stored, new StoredTensor(prefix + bias, [parameter.Description.Columns], Parameter: null) }
                : [stored];
        })];
    }

    private static bool IsTable(string name) => name is "wte.weight" or "wpe.weight";
}
