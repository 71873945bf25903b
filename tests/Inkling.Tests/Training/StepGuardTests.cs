using System.Text.Json;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class StepGuardTests
{
    private static readonly TrainingOptions Options = new() { SpikeThreshold = 3, SpikeWindow = 20, MaximumSkippedSteps = 3 };

    [Fact]
    public void The_highest_loss_is_mean_and_threshold_times_deviation_of_the_last_losses()
    {
        var guard = new StepGuard(Options);
        Add(guard, Enumerable.Repeat(100.0, 7)); // long gone
        Add(guard, Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 2.0 : 4.0));
        Assert.Equal(3 + (3 * 1), guard.LargestLoss);
    }

    [Fact]
    public void Until_enough_is_known_any_loss_will_do()
    {
        var guard = new StepGuard(Options);
        Add(guard, Enumerable.Repeat(2.0, 15));
        Assert.Equal(double.PositiveInfinity, guard.LargestLoss);
        Add(guard, [2.0]);
        Assert.Equal(2.06, guard.LargestLoss, 1e-12); // losses without any deviation count as having one of 1 %

        var wide = new StepGuard(Options with { SpikeWindow = 100 });
        Add(wide, Enumerable.Repeat(2.0, 24));
        Assert.Equal(double.PositiveInfinity, wide.LargestLoss);
        Add(wide, [2.0]);
        Assert.Equal(2.06, wide.LargestLoss, 1e-12);
    }

    [Fact]
    public void Without_a_threshold_any_loss_will_do_and_none_is_remembered()
    {
        var guard = new StepGuard(Options with { SpikeThreshold = 0 });
        Add(guard, Enumerable.Repeat(2.0, 200));
        Assert.Equal(double.PositiveInfinity, guard.LargestLoss);
        Assert.Empty(guard.State.RecentLosses);
    }

    [Fact]
    public void What_was_skipped_leaves_the_window_as_it_was()
    {
        var guard = new StepGuard(Options);
        Add(guard, Enumerable.Range(0, 30).Select(i => 2 + (0.01 * i)));
        var (before, losses) = (guard.LargestLoss, guard.State.RecentLosses);
        guard.Add(new StepResult(31, double.NaN, 1, 1, StepOutcome.NotFinite));
        guard.Add(new StepResult(32, 1e30, 1, 1, StepOutcome.Spike));
        guard.Add(new StepResult(33, 2, double.NaN, 1, StepOutcome.NotFinite));
        Assert.Equal(before, guard.LargestLoss);
        Assert.Equal(losses, guard.State.RecentLosses);
        Assert.Equal((3, 3), (guard.SkippedSteps, guard.SkippedInARow));
    }

    [Fact]
    public void As_many_in_a_row_as_allowed_end_it_and_one_that_is_applied_begins_a_new_row()
    {
        var guard = new StepGuard(Options);
        Skip(guard, 2);
        Assert.False(guard.HasGivenUp);
        Add(guard, [2]);
        Assert.Equal((2, 0), (guard.SkippedSteps, guard.SkippedInARow));
        Skip(guard, 2);
        Assert.False(guard.HasGivenUp);
        Skip(guard, 1);
        Assert.True(guard.HasGivenUp);
        Assert.Equal((5, 3), (guard.SkippedSteps, guard.SkippedInARow));

        var patient = new StepGuard(Options with { MaximumSkippedSteps = 0 });
        Skip(patient, 1_000);
        Assert.False(patient.HasGivenUp);
    }

    [Fact]
    public void Saved_and_read_again_after_any_step_it_gives_the_same_bits_for_ever()
    {
        var (random, whole, often) = (new Random(1), new StepGuard(Options), new StepGuard(Options));
        for (var i = 1; i <= 100; i++)
        {
            var outcome = random.Next(5) == 0 ? StepOutcome.Spike : StepOutcome.Applied;
            var result = new StepResult(i, (float)(3 + random.NextDouble()), 1, 1, outcome);
            whole.Add(result);
            often.Add(result);

            var text = JsonSerializer.Serialize(often.State);
            often = new StepGuard(Options);
            often.ContinueFrom(JsonSerializer.Deserialize<StepGuardState>(text)!);
            Assert.Equal(whole.LargestLoss, often.LargestLoss);
            Assert.Equal((whole.SkippedSteps, whole.SkippedInARow), (often.SkippedSteps, often.SkippedInARow));
            Assert.Equal(whole.State.RecentLosses, often.State.RecentLosses);
        }
    }

    [Fact]
    public void Large_losses_close_together_keep_their_deviation()
    {
        // The textbook's difference of sums of squares would have no right digit left here.
        var guard = new StepGuard(Options with { SpikeThreshold = 1000 });
        Add(guard, Enumerable.Range(0, 20).Select(i => 1e9 + (i % 2 == 0 ? -2e7 : 2e7)));
        Assert.Equal(1e9 + (1000 * 2e7), guard.LargestLoss);
    }

    private static void Add(StepGuard guard, IEnumerable<double> losses)
    {
        foreach (var loss in losses)
        {
            guard.Add(new StepResult(1, loss, 1, 1, StepOutcome.Applied));
        }
    }

    private static void Skip(StepGuard guard, int count)
    {
        for (var i = 0; i < count; i++)
        {
            guard.Add(new StepResult(1, double.NaN, 1, 1, StepOutcome.NotFinite));
        }
    }
}
