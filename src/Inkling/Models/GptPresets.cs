namespace Inkling.Models;

/// <summary>Shapes with a name. Parameter counts are for a vocabulary of 65 (scenes, nano, baby, lecture, post-norm) or 50,257 (the GPT-2 family).</summary>
public static class GptPresets
{
    private static readonly GptConfig Nano = new()
    {
        LayerCount = 4,
        HeadCount = 4,
        Width = 128,
        ContextLength = 64,
        Activation = FeedForwardKind.Gelu,
        Biases = BiasPlacement.None,
    };

    private static readonly GptConfig Baby = Nano with { LayerCount = 6, HeadCount = 6, Width = 384, ContextLength = 256 };

    /// <summary>Every preset's shape under its name; the tokenizer decides the vocabulary.</summary>
    public static IReadOnlyDictionary<string, GptConfig> Shapes { get; } = new Dictionary<string, GptConfig>
    {
        ["scenes"] = Nano with //                                                                                0.81 M
        {
            ContextLength = 256,
            Positions = PositionKind.Rotary,
            Norm = NormKind.RmsNorm,
            QueryKeyNorm = true,
            Activation = FeedForwardKind.Swiglu,
            // Nearly 1/√128, with which a layer keeps the variance; at 0.02 so narrow a model takes twice as long to begin to recall names.
            InitialDeviation = 0.07,
        },
        ["nano"] = Nano, //                                                                                       0.80 M
        ["baby"] = WithDropout(Baby, 0.2), //                                                                    10.75 M
        ["lecture"] = WithDropout(Baby, 0.2) with //                                                             10.79 M
        {
            Activation = FeedForwardKind.Relu,
            Biases = BiasPlacement.ExceptQueryKeyValue,
            Head = HeadKind.UntiedWithBias,
            ScalesResidualInitialization = false,
        },
        // Heads of 19: 384 ÷ 20, rounded down; side by side they make 380, which the projection brings back to 384.
        ["post-norm"] = WithDropout(Baby, 0.2) with //                                                           28.37 M
        {
            LayerCount = 16,
            HeadCount = 20,
            HeadSize = 19,
            ContextLength = 128,
            NormPlacement = NormPlacement.After,
            Activation = FeedForwardKind.Relu,
            Biases = BiasPlacement.ExceptQueryKeyValue,
            Head = HeadKind.UntiedWithBias,
            ScalesResidualInitialization = false,
        },
        ["gpt2"] = new GptConfig(), //                                                                          124.44 M
        ["gpt2-medium"] = new GptConfig { LayerCount = 24, HeadCount = 16, Width = 1_024 }, //                  354.82 M
        ["gpt2-large"] = new GptConfig { LayerCount = 36, HeadCount = 20, Width = 1_280 }, //                   774.03 M
        ["gpt2-xl"] = new GptConfig { LayerCount = 48, HeadCount = 25, Width = 1_600 }, //                    1,557.61 M
    };

    private static GptConfig WithDropout(GptConfig config, double rate)
        => config with { EmbeddingDropout = rate, AttentionDropout = rate, ResidualDropout = rate };
}
