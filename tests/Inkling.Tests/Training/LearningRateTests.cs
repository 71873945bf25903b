using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>Learning rates against those worked out by hand.</summary>
public sealed class LearningRateTests
{
    // Adding and multiplying a few doubles.
    private const double Tolerance = 1e-12;

    private static readonly TrainingOptions Options = new() { Steps = 110, WarmupSteps = 10, LearningRate = 1, MinimumLearningRate = 0.2 };

    [Theory]
    [InlineData(0, 1.0 / 11)]
    [InlineData(1, 2.0 / 11)]
    [InlineData(9, 10.0 / 11)]
    [InlineData(10, 1)]
    public void Warm_up_is_a_straight_line_that_reaches_the_highest_rate_after_its_last_step(int stepsDone, double expected)
    {
        foreach (var schedule in Enum.GetValues<ScheduleKind>())
            Assert.Equal(expected, (Options with { Schedule = schedule }).LearningRateAt(stepsDone), Tolerance);
    }

    [Theory]
    [InlineData(35, 0.882842712474619)] // 0.6 + 0.4·√½
    [InlineData(60, 0.6)]
    [InlineData(85, 0.317157287525381)]
    [InlineData(109, 0.200197375853707)] // 0.6 + 0.4·cos(0.99π)
    [InlineData(110, 0.2)]
    [InlineData(111, 0.2)]
    [InlineData(1_000_000, 0.2)]
    public void Cosine_falls_from_the_highest_rate_to_the_lowest_and_stays_there(int stepsDone, double expected)
        => Assert.Equal(expected, Options.LearningRateAt(stepsDone), Tolerance);

    [Theory]
    [InlineData(11, 0.992)]
    [InlineData(35, 0.8)]
    [InlineData(60, 0.6)]
    [InlineData(109, 0.208)]
    [InlineData(110, 0.2)]
    [InlineData(1_000_000, 0.2)]
    public void Linear_falls_by_the_same_amount_every_step(int stepsDone, double expected)
        => Assert.Equal(expected, (Options with { Schedule = ScheduleKind.Linear }).LearningRateAt(stepsDone), Tolerance);

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(110)]
    [InlineData(1_000_000)]
    public void Constant_stays_whatever_the_lowest_rate(int stepsDone)
    {
        var options = Options with { Schedule = ScheduleKind.Constant, MinimumLearningRate = 5 };
        options.Validate();
        Assert.Equal(1, options.LearningRateAt(stepsDone), Tolerance);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(30)]
    public void A_run_can_be_all_warm_up(int warmupSteps)
    {
        foreach (var schedule in Enum.GetValues<ScheduleKind>())
        {
            var options = Options with { Steps = 20, WarmupSteps = warmupSteps, Schedule = schedule };
            for (var step = 0; step < 20; step++)
                Assert.Equal((step + 1.0) / (warmupSteps + 1), options.LearningRateAt(step), Tolerance);
        }
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_highest_rate()
    {
        foreach (var schedule in Enum.GetValues<ScheduleKind>())
            Assert.Equal(1, (Options with { WarmupSteps = 0, Schedule = schedule }).LearningRateAt(0), Tolerance);
    }
}
