using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>The guard of the steps in a run: what it counts is saved, and where it gives up the run ends.</summary>
public sealed class GuardedRunTests : IDisposable
{
    // Batches of one differ so much that a low threshold takes every sixth for a spike.
    private static readonly RunSettings Wild = TinyRuns.Settings with
    {
        Training = TinyRuns.Settings.Training with
        {
            Steps = 90,
            EvaluateEvery = 20,
            SaveEvery = 3,
            BatchSize = 1,
            SpikeThreshold = 1,
            SpikeWindow = 16,
            MaximumSkippedSteps = 0,
        },
    };

    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void What_the_guard_has_seen_survives_every_interruption()
    {
        var whole = _runs.Finish(_runs.Start("whole", Wild));
        var skipped = whole.Events.OfType<StepDone>().Where(done => !done.Result.IsApplied).Select(done => done.Step).ToList();
        Assert.InRange(skipped.Count, 5, 40);

        var name = "parts";
        using (var run = _runs.Start(name, Wild))
        {
            _ = run.Continue().Take(5).Count();
        }

        // Again and again, a few steps further each time.
        for (var round = 0; round < 15; round++)
        {
            using var run = _runs.Resume(name);
            _ = run.Continue().Take(8).Count();
        }

        var outcome = _runs.Finish(_runs.Resume(name));
        Assert.Equal(whole.State, outcome.State);
        Assert.Equal(whole.Metrics, outcome.Metrics);
        Assert.Equal(whole.Model, outcome.Model);
    }

    [Fact]
    public void A_run_that_cannot_go_on_gives_up_at_the_same_step_each_time_and_keeps_the_last_good_checkpoint()
    {
        var settings = Wild with { Training = Wild.Training with { MaximumSkippedSteps = 2 } };
        long end;
        using (var run = _runs.Start("a", settings))
        {
            var events = run.Continue().ToList();
            var ended = Assert.IsType<RunEnded>(events[^1]);
            end = ended.Step;
            Assert.Equal(RunEndReason.TooManySkippedSteps, ended.Reason);
            Assert.Equal(2, run.Trainer.Guard.SkippedInARow);
            Assert.All(events.OfType<StepDone>().TakeLast(2), done => Assert.False(done.Result.IsApplied));
            Assert.InRange(events.OfType<CheckpointSaved>().Last().Step, end - 3, end - 1);
        }

        using (var again = _runs.Resume("a"))
        {
            Assert.InRange(again.Trainer.Step, end - 3, end - 1);
            Assert.Equal(new RunEnded(end, RunEndReason.TooManySkippedSteps), again.Continue().Last());
        }

        // With more of them allowed it goes on, like a run to which that was allowed from the start.
        var whole = _runs.Finish(_runs.Start("whole", Wild));
        var outcome = _runs.Finish(_runs.Resume("a", options => options with { MaximumSkippedSteps = 0 }));
        Assert.Equal(whole.State, outcome.State);
        Assert.Equal(whole.Metrics, outcome.Metrics);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_not_saved()
    {
        using var run = _runs.Start("a");
        List<TrainingEvent> events = [];
        var error = Assert.Throws<RunFolderException>(() =>
        {
            foreach (var happened in run.Continue())
            {
                events.Add(happened);
                if (happened is StepDone { Step: 3 })
                {
                    _runs.Kernels.Fill(run.Model.Parameters.Parameters[2].Value, double.NaN);
                }
            }
        });

        Assert.Equal("The weights of step 3 are not finite and are not saved; of checkpoints, the last good one is of step 2.", error.Message);
        Assert.Equal(2, events.OfType<CheckpointSaved>().Last().Step);
    }
}
