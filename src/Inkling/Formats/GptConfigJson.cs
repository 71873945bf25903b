using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inkling.Kernels;
using Inkling.Models;

namespace Inkling.Formats;

/// <summary>A <see cref="GptConfig"/> as JSON, in our own words and in those of GPT-2.</summary>
public static class GptConfigJson
{
    /// <summary>Every field under its name in camel case.</summary>
    public static JsonObject Write(GptConfig config)
        => (JsonObject)JsonSerializer.SerializeToNode(config, GptConfigContext.Default.GptConfig)!;

    /// <summary>Whether the model computes what GPT-2 computes, with biases that may be absent, which is to say zero.</summary>
    internal static bool IsGpt2(GptConfig config)
        => config.HeadCount * config.EffectiveHeadSize == config.Width && config.Head != HeadKind.UntiedWithBias;

    /// <summary>Reads what <see cref="Write"/> wrote; a missing field is as wrong as an unknown one.</summary>
    /// <exception cref="ModelFormatException">A field is missing, unknown or outside its range.</exception>
    internal static GptConfig Read(string path, JsonObject json, string location)
        => JsonFile.ReadOptions(path, json, location, GptConfigContext.Default.GptConfig, Write(new GptConfig()), config => config.Validate());

    /// <summary>What transformers and its kin read. A model that they would get wrong goes by a name that they refuse.</summary>
    internal static JsonObject WriteGpt2(GptConfig config) => new()
    {
        ["model_type"] = IsGpt2(config) ? "gpt2" : "inkling",
        ["architectures"] = new JsonArray(IsGpt2(config) ? "GPT2LMHeadModel" : "InklingForCausalLM"),
        ["vocab_size"] = config.VocabularySize,
        ["n_positions"] = config.ContextLength,
        ["n_ctx"] = config.ContextLength,
        ["n_embd"] = config.Width,
        ["n_layer"] = config.LayerCount,
        ["n_head"] = config.HeadCount,
        ["n_inner"] = config.EffectiveFeedForwardWidth,
        ["activation_function"] = config.Activation switch
        {
            Activation.GeluTanh => "gelu_new",
            Activation.Gelu => "gelu",
            Activation.Relu => "relu",
            _ => "linear",
        },
        ["layer_norm_epsilon"] = config.NormEpsilon,
        ["tie_word_embeddings"] = config.Head == HeadKind.Tied,
        ["scale_attn_weights"] = true,
        ["embd_pdrop"] = config.EmbeddingDropout,
        ["attn_pdrop"] = config.AttentionDropout,
        ["resid_pdrop"] = config.ResidualDropout,
        ["initializer_range"] = config.InitialDeviation,
        // Unless told otherwise, transformers takes token 50,256 for both.
        ["bos_token_id"] = null,
        ["eos_token_id"] = null,
        ["torch_dtype"] = "float32",
    };
}

/// <summary>Generated at compile time, so that a trimmed program keeps what it needs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(CamelCaseEnum<Activation>), typeof(CamelCaseEnum<BiasPlacement>), typeof(CamelCaseEnum<HeadKind>)])]
[JsonSerializable(typeof(GptConfig))]
internal sealed partial class GptConfigContext : JsonSerializerContext;

/// <summary>An enum as the camel-case name of its member.</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
