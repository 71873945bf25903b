using Inkling.Formats;
using Inkling.Tests.Formats;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>A run whose disk dies, fills up or lies, at every operation in turn.</summary>
public sealed class CrashTests : IDisposable
{
    private static readonly RunSettings Settings = TinyRuns.Settings with
    {
        Model = TinyTraining.Model with { LayerCount = 1, Width = 12 },
        Training = TinyRuns.Settings.Training with { Steps = 4, EvaluateEvery = 2, SaveEvery = 1, KeepCheckpoints = 1, BatchSize = 2 },
    };

    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void A_run_that_dies_at_any_operation_has_a_whole_model_or_none_and_goes_on_to_the_same_end()
    {
        var (whole, operations) = Whole();
        Assert.InRange(operations, 100, 1_000);
        for (var i = 0; i < operations; i++)
        {
            var name = $"dies-{i}";
            Die(() => Start(name, new FaultyStorage { DiesAt = i }));
            HasWholeModelOrNone(name);
            EndsLike(whole, name);
        }
    }

    [Fact]
    public void A_run_that_dies_again_and_again_goes_on_to_the_same_end()
    {
        var (whole, operations) = Whole();
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            var name = $"round-{round}";
            for (var death = random.Next(1, 6); death > 0; death--)
            {
                Die(() => BeginOrResume(name, new FaultyStorage { DiesAt = random.Next(operations / 2) }));
            }

            EndsLike(whole, name);
        }
    }

    [Fact]
    public void A_disk_that_is_full_for_a_while_costs_nothing()
    {
        var (whole, _) = Whole();
        var lastStep = whole.Events.ToList().FindIndex(happened => happened is StepDone { Step: 4 });
        for (var from = 0; from < lastStep; from++)
        {
            for (var to = from + 1; to <= lastStep; to++)
            {
                var (isFull, count) = (false, 0);
                using var run = Start($"full-{from}-{to}", new FaultyStorage { Refuses = _ => isFull });
                foreach (var _ in run.Continue())
                {
                    // A save that failed is an event too, in the place of one that did not.
                    isFull = count >= from && count < to;
                    count++;
                }

                EndsLike(whole, $"full-{from}-{to}", run);
            }
        }
    }

    [Fact]
    public void A_single_operation_that_fails_costs_nothing()
    {
        var (whole, operations) = Whole();
        for (var i = OperationsOfStart(); i < operations; i++)
        {
            // The last save has no other after it.
            var (refused, isOver) = (i, false);
            using var run = Start($"fails-{i}", new FaultyStorage { Refuses = number => number == refused && !isOver });
            foreach (var happened in run.Continue())
            {
                isOver |= happened is Evaluated { Step: 4 };
            }

            EndsLike(whole, $"fails-{i}", run);
        }
    }

    [Fact]
    public void A_disk_that_stays_full_ends_the_run_with_an_error_and_keeps_what_there_was()
    {
        var (whole, operations) = Whole();
        for (var from = OperationsOfStart(); from < operations - 10; from += 9)
        {
            var begin = from;
            var name = $"stays-full-{from}";
            using (var run = Start(name, new FaultyStorage { Refuses = number => number >= begin }))
            {
                var error = Assert.Throws<RunFolderException>(() => run.Continue().Count());
                Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
                Assert.Contains($"--resume --out {_runs[name]}", error.Message, StringComparison.Ordinal);
            }

            EndsLike(whole, name);
        }
    }

    [Fact]
    public void A_save_that_fails_is_reported_with_the_last_good_one_and_tried_again()
    {
        var begin = OperationsOfStart();
        var isFull = false;
        using var run = Start("a", new FaultyStorage { Refuses = number => isFull && number >= begin });
        List<TrainingEvent> events = [];
        foreach (var happened in run.Continue())
        {
            events.Add(happened);
            isFull = happened is Evaluated { Step: 2 } or StepDone { Step: 3 };
        }

        Assert.Equal(
            [new SaveFailed(3, "The checkpoint of step 3 cannot be saved; the last good one is of step 2. No space left on device.")],
            events.OfType<SaveFailed>());
        Assert.Equal([1L, 2L, 4L, 4L], events.OfType<CheckpointSaved>().Select(saved => saved.Step));
        Assert.Equal(RunEndReason.Completed, ((RunEnded)events[^1]).Reason);
    }

    [Fact]
    public void A_run_that_cannot_begin_leaves_nothing()
    {
        var error = Assert.ThrowsAny<IOException>(() => Start("a", new FaultyStorage { Refuses = number => number > 2 }));

        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_runs["a"]));
    }

    [Fact]
    public void Too_little_room_for_one_checkpoint_is_refused_before_anything_is_written()
    {
        var error = Assert.Throws<RunFolderException>(() => Start("a", new FaultyStorage { Free = 50_000 }));

        Assert.Equal(
            $"There is no room for this run in {_runs["a"]}: a checkpoint and the model take 1 MB, and 1 MB are free. "
            + "Make room, or take another disk.",
            error.Message);
        Assert.False(Directory.Exists(_runs["a"]));
    }

    /// <summary>The run that nothing happens to, and how many operations it takes.</summary>
    private (TinyRuns.Outcome Outcome, int Operations) Whole()
    {
        var storage = new FaultyStorage();
        return (_runs.Finish(Start("whole", storage)), storage.Operations);
    }

    private int OperationsOfStart()
    {
        var storage = new FaultyStorage();
        Start($"start-{Guid.NewGuid()}", storage).Dispose();
        return storage.Operations;
    }

    private TrainingRun Start(string name, FaultyStorage storage)
        => TrainingRun.Start(Settings, TinyRuns.Corpus, _runs[name], _runs.Kernels, tokenizer: null, storage);

    private TrainingRun BeginOrResume(string name, FaultyStorage storage)
        => Directory.Exists(_runs[name]) && FolderFiles.Open(_runs[name]).Has("run.json")
            ? TrainingRun.Resume(TrainingRun.ReadSettings(_runs[name]), TinyRuns.Corpus, _runs[name], _runs.Kernels, storage)
            : Start(name, storage);

    /// <summary>Lets a run go on until its disk dies, if it does.</summary>
    private static void Die(Func<TrainingRun> begin)
    {
        try
        {
            using var run = begin();
            _ = run.Continue().Count();
        }
        catch (FaultyStorage.DeathException)
        {
        }
    }

    /// <summary>A model is of one evaluation in all its files.</summary>
    private void HasWholeModelOrNone(string name)
    {
        if (Directory.Exists(_runs[name]) && FolderFiles.Open(_runs[name]).Has(ModelFolder.WeightsName))
        {
            Assert.Contains((long)ModelFolder.Verify(_runs[name])["step"]!, new long[] { 2, 4 });
            ModelFolder.Load(_runs[name], _runs.Kernels).Dispose();
        }
    }

    private void EndsLike(TinyRuns.Outcome whole, string name, TrainingRun? run = null)
    {
        var outcome = _runs.Finish(run ?? BeginOrResume(name, new FaultyStorage()));
        Assert.Equal(whole.State, outcome.State);
        Assert.Equal(whole.Metrics, outcome.Metrics);
        Assert.Equal(whole.Model, outcome.Model);
        string[] entries = [.. Directory.EnumerateFileSystemEntries(_runs[name], "*", SearchOption.AllDirectories)];
        Assert.DoesNotContain(entries, IsLeftover);
        Assert.Contains(Path.Combine(_runs[name], "checkpoints", "step-000004"), entries);
    }

    private static bool IsLeftover(string path)
        => Path.GetFileName(path) is var name && (name.StartsWith(".tmp-", StringComparison.Ordinal) || name is ".incoming" || name.EndsWith(".replaced", StringComparison.Ordinal));
}
