using Inkling.Generation;

namespace Inkling.Tests.Generation;

public sealed class GenerationOptionsTests
{
    private static readonly GenerationOptions Valid = new();

    public static TheoryData<GenerationOptions, string> Invalid => new()
    {
        { Valid with { TokenCount = -1 }, "TokenCount is -1; it must be 0 or more." },
        { Valid with { TopK = -5 }, "TopK is -5; it must be 0 or more." },
        { Valid with { Sequence = -2 }, "Sequence is -2; it must be 0 or more." },
        { Valid with { Temperature = -0.1 }, "Temperature is -0.1; it must be 0 or a positive number." },
        { Valid with { Temperature = double.NaN }, "Temperature is NaN; it must be 0 or a positive number." },
        { Valid with { Temperature = double.PositiveInfinity }, "Temperature is Infinity; it must be 0 or a positive number." },
        { Valid with { TopP = 1.5 }, "TopP is 1.5; it must be 0 to 1." },
        { Valid with { TopP = double.NaN }, "TopP is NaN; it must be 0 to 1." },
        { Valid with { MinP = -0.1 }, "MinP is -0.1; it must be 0 to 1." },
        { Valid with { MinP = double.NaN }, "MinP is NaN; it must be 0 to 1." },
        { Valid with { RepetitionPenalty = 0 }, "RepetitionPenalty is 0; it must be a positive number." },
        { Valid with { RepetitionPenalty = double.PositiveInfinity }, "RepetitionPenalty is Infinity; it must be a positive number." },
        { Valid with { PresencePenalty = double.NaN }, "PresencePenalty is NaN; it must be a number, such as 0.5." },
        { Valid with { FrequencyPenalty = double.NegativeInfinity }, "FrequencyPenalty is -Infinity; it must be a number, such as 0.5." },
        { Valid with { Window = (WindowRule)7 }, "Window is 7; it must be KeepHalf or Exact." },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_invalid_option_is_named_with_its_value_and_what_is_valid(GenerationOptions options, string message)
    {
        Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new Sampler(options, 5)).Message);
    }

    [Fact]
    public void The_defaults_and_the_ends_of_the_ranges_are_valid()
    {
        Valid.Validate();
        (Valid with { RepetitionPenalty = double.Epsilon, PresencePenalty = -2, FrequencyPenalty = double.MinValue }).Validate();
        (Valid with { TokenCount = 0, Temperature = 0, TopK = int.MaxValue, TopP = 0, MinP = 1, Sequence = int.MaxValue }).Validate();
    }
}
