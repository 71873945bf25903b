using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class TrainingOptionsTests
{
    private static readonly TrainingOptions Valid = new();

    public static TheoryData<TrainingOptions, string> Wrong => new()
    {
        { Valid with { SpikeThreshold = 0.5 }, "SpikeThreshold is 0.5; it must be 0 for none, or 1 to 1000." },
        { Valid with { SpikeThreshold = -1 }, "SpikeThreshold is -1; it must be 0 for none, or 1 to 1000." },
        { Valid with { SpikeThreshold = 1001 }, "SpikeThreshold is 1001; it must be 0 for none, or 1 to 1000." },
        { Valid with { SpikeThreshold = double.NaN }, "SpikeThreshold is NaN; it must be 0 for none, or 1 to 1000." },
        { Valid with { SpikeWindow = 15 }, "SpikeWindow is 15; it must be 16 to 10000." },
        { Valid with { SpikeWindow = 10_001 }, "SpikeWindow is 10001; it must be 16 to 10000." },
        { Valid with { MaximumSkippedSteps = -1 }, "MaximumSkippedSteps is -1; it must be 0 to 1000000000." },

        // What could make an update that is not finite of numbers that are.
        { Valid with { Epsilon = 0 }, "Epsilon is 0; it must be 1E-16 to 1." },
        { Valid with { Epsilon = 1e-46 }, "Epsilon is 1E-46; it must be 1E-16 to 1." },
        { Valid with { Beta1 = 1 }, "Beta1 is 1; it must be 0 to 0.9999999." },
        { Valid with { Beta2 = 0.99999999 }, "Beta2 is 0.99999999; it must be 0 to 0.9999999." },
        { Valid with { LearningRate = 100, WeightDecay = 100 }, "WeightDecay is 100; it must be at most 1 / LearningRate (0.01), or weights would change their sign." },
    };

    public static TheoryData<TrainingOptions> Right =>
    [
        Valid,
        Valid with { SpikeThreshold = 1, SpikeWindow = 16, MaximumSkippedSteps = 0 },
        Valid with { SpikeThreshold = 1_000, SpikeWindow = 10_000, MaximumSkippedSteps = TrainingOptions.MaximumCount },
        Valid with { Epsilon = TrainingOptions.SmallestEpsilon, Beta1 = 0, Beta2 = 0.9999999 },
        Valid with { LearningRate = 100, WeightDecay = 0.01 },
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_not_valid_is_named_with_its_value_and_what_would_be(TrainingOptions options, string message)
        => Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);

    [Theory]
    [MemberData(nameof(Right))]
    public void The_ends_of_the_ranges_are_valid(TrainingOptions options) => options.Validate();
}
