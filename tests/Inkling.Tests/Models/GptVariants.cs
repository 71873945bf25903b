using Inkling.Models;

namespace Inkling.Tests.Models;

/// <summary>Every variant of the family as a change to a configuration, alone and in pairs.</summary>
internal static class GptVariants
{
    private static readonly Dictionary<string, Func<GptConfig, GptConfig>> Single = new()
    {
        ["post-norm"] = c => c with { NormPlacement = NormPlacement.After },
        ["RMS norm"] = c => c with { Norm = NormKind.RmsNorm },
        ["sinusoidal"] = c => c with { Positions = PositionKind.Sinusoidal },
        ["rotary"] = c => c with { Positions = PositionKind.Rotary, HeadSize = c.EffectiveHeadSize / 2 * 2 },
        ["no positions"] = c => c with { Positions = PositionKind.None },
        ["ReLU²"] = c => c with { Activation = FeedForwardKind.ReluSquared },
        ["SiLU"] = c => c with { Activation = FeedForwardKind.Silu },
        ["SwiGLU"] = c => c with { Activation = FeedForwardKind.Swiglu },
        ["GeGLU"] = c => c with { Activation = FeedForwardKind.Geglu, FeedForwardWidth = 21 },
        ["grouped heads"] = c => c with { HeadCount = 4, HeadSize = 8, KeyValueHeadCount = 2 },
        ["one head of keys"] = c => c with { HeadCount = 4, HeadSize = 6, KeyValueHeadCount = 1 },
        ["window"] = c => c with { AttentionWindow = 5 },
        ["free head size"] = c => c with { HeadSize = 10 },
        ["QK-norm"] = c => c with { QueryKeyNorm = true },
        ["no biases"] = c => c with { Biases = BiasPlacement.None },
        ["head of its own"] = c => c with { Head = HeadKind.UntiedWithBias, Biases = BiasPlacement.ExceptQueryKeyValue },
    };

    public static TheoryData<string> Names => [.. Single.Keys];

    /// <summary>Each alone, two at a time, and Llama.</summary>
    public static TheoryData<string> All => [.. Single.Keys, .. Pairs, Llama];

    /// <summary>Two at a time; where both say the same field the second wins.</summary>
    private static IEnumerable<string> Pairs
        => Single.Keys.SelectMany((first, i) => Single.Keys.Skip(i + 1).Select(second => $"{first} + {second}"));

    /// <summary>What Llama is made of.</summary>
    public static string Llama => "RMS norm + rotary + SwiGLU + grouped heads + no biases";

    public static GptConfig Apply(GptConfig config, string names) => names.Split(" + ").Aggregate(config, (changed, name) => Single[name](changed));
}
