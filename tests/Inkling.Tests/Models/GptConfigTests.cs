using Inkling.Models;

namespace Inkling.Tests.Models;

public sealed class GptConfigTests
{
    private static readonly GptConfig Valid = new();

    public static TheoryData<GptConfig, string> Invalid => new()
    {
        { Valid with { VocabularySize = 0 }, "VocabularySize is 0; it must be 1 to 1048576." },
        { Valid with { ContextLength = -1 }, "ContextLength is -1; it must be 1 to 1048576." },
        { Valid with { ContextLength = 1 << 21 }, "ContextLength is 2097152; it must be 1 to 1048576." },
        { Valid with { LayerCount = 5_000 }, "LayerCount is 5000; it must be 1 to 4096." },
        { Valid with { HeadCount = 0 }, "HeadCount is 0; it must be 1 to 65536." },
        { Valid with { Width = 0 }, "Width is 0; it must be 1 to 1048576." },
        { Valid with { HeadCount = 7 }, "HeadCount 7 does not divide Width 768; choose a divisor, or give HeadSize." },
        { Valid with { HeadSize = -3 }, "HeadSize is -3; it must be 1 to 65536." },
        { Valid with { FeedForwardWidth = -1 }, "FeedForwardWidth is -1; it must be 1 to 4194304." },
        { Valid with { EmbeddingDropout = 1 }, "EmbeddingDropout is 1; it must be at least 0 and below 1." },
        { Valid with { AttentionDropout = -0.5 }, "AttentionDropout is -0.5; it must be at least 0 and below 1." },
        { Valid with { ResidualDropout = double.NaN }, "ResidualDropout is NaN; it must be at least 0 and below 1." },
        { Valid with { NormEpsilon = 0 }, "NormEpsilon is 0; it must be above 0 and at most 1." },
        { Valid with { InitialDeviation = double.NaN }, "InitialDeviation is NaN; it must be above 0 and at most 10." },
        { Valid with { Activation = (FeedForwardKind)9 }, "Activation 9 does not exist; choose None, Relu, ReluSquared, Gelu, GeluTanh, Silu, Swiglu, Geglu." },
        { Valid with { Norm = (NormKind)2 }, "Norm 2 does not exist; choose LayerNorm, RmsNorm." },
        { Valid with { Positions = (PositionKind)4 }, "Positions 4 does not exist; choose Learned, Sinusoidal, Rotary, None." },
        { Valid with { KeyValueHeadCount = 5 }, "KeyValueHeadCount is 5; it must divide HeadCount 12, or be 0 for as many." },
        { Valid with { KeyValueHeadCount = -1 }, "KeyValueHeadCount is -1; it must divide HeadCount 12, or be 0 for as many." },
        { Valid with { KeyValueHeadCount = 24 }, "KeyValueHeadCount is 24; it must divide HeadCount 12, or be 0 for as many." },
        { Valid with { AttentionWindow = -1 }, "AttentionWindow is -1; it must be 1 to 1048576, or 0 for all tokens." },
        { Valid with { Positions = PositionKind.Rotary, HeadSize = 19 }, "HeadSize is 19; rotary Positions turn pairs of channels, so it must be even." },
        { Valid with { RotaryBase = 0 }, "RotaryBase is 0; it must be 1 to 1E+12." },
        { Valid with { HeadCount = 65_536, HeadSize = 65_536 }, "HeadCount 65536 heads of HeadSize 65536 are too wide." },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_invalid_field_is_named_with_its_value_and_what_is_valid(GptConfig config, string message)
        => Assert.Equal(message, Assert.Throws<ArgumentException>(config.Validate).Message);

    [Fact]
    public void Heads_need_not_fill_the_width() => (Valid with { HeadCount = 20, HeadSize = 19, Width = 384 }).Validate();
}
