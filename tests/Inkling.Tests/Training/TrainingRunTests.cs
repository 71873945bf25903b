using System.Text;
using Inkling.Data;
using Inkling.Formats;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class TrainingRunTests : IDisposable
{
    private static readonly TextCorpus Corpus = new("words", Encoding.UTF8.GetBytes(TinyTraining.Text));

    private static readonly RunSettings Settings = new()
    {
        CorpusPath = "words.txt",
        Model = TinyTraining.Model,
        Training = TinyTraining.Options with { Steps = 30, EvaluateEvery = 10, SaveEvery = 7, ReportEvery = 3, EstimateBatches = 2 },
    };

    private readonly string _base = Directory.CreateTempSubdirectory("inkling-run-").FullName;
    private readonly IKernels _kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });

    [Fact]
    public void A_run_reports_steps_saves_then_evaluates_and_ends()
    {
        using var run = TrainingRun.Start(Settings, Corpus, Folder("a"), _kernels);
        var events = run.Continue().ToList();
        Assert.Equal(Enumerable.Range(1, 30), events.OfType<StepDone>().Select(done => (int)done.Step));
        Assert.Equal([7, 10, 14, 20, 21, 28, 30, 30], events.OfType<CheckpointSaved>().Select(saved => (int)saved.Step));
        Assert.Equal([10, 20, 30], events.OfType<Evaluated>().Select(evaluated => (int)evaluated.Step));
        Assert.Equal(new RunEnded(30, RunEndReason.Completed), events[^1]);
        Assert.Equal(run.BestValidationLoss, events.OfType<Evaluated>().Min(evaluated => evaluated.ValidationLoss));
    }

    [Fact]
    public void The_folder_holds_the_best_model_and_loads_to_the_loss_that_was_reported()
    {
        double best;
        using (var run = TrainingRun.Start(Settings, Corpus, Folder("a"), _kernels))
        {
            best = run.Continue().OfType<Evaluated>().Last(evaluated => evaluated.IsBest).ValidationLoss;
        }

        using var loaded = ModelFolder.Load(Folder("a"), _kernels);
        var tokens = TokenData.From(loaded.Tokenizer.Encode(TinyTraining.Text), loaded.Tokenizer.VocabularySize);
        Assert.Equal(best, Evaluation.Measure(loaded.Model, DataSplit.Split(tokens, loaded.Tokenizer).Validation).Loss);
    }

    // In the first steps, between checkpoints, on one, while an evaluation is due, and on the last step.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(14)]
    [InlineData(23)]
    [InlineData(30)]
    public void A_resumed_run_equals_the_uninterrupted_one_bit_for_bit(int interruptAfter)
    {
        var expected = RunThrough("whole");
        using (var cancellation = new CancellationTokenSource())
        using (var run = TrainingRun.Start(Settings, Corpus, Folder("parts"), _kernels))
        {
            if (interruptAfter == 0)
            {
                cancellation.Cancel();
            }

            foreach (var happened in run.Continue(cancellation.Token))
            {
                if (happened is StepDone && happened.Step == interruptAfter)
                {
                    cancellation.Cancel();
                }
            }
        }

        // Another number of threads is the same run.
        using var alone = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        using var resumed = TrainingRun.Resume(TrainingRun.ReadSettings(Folder("parts")), Corpus, Folder("parts"), alone);
        Assert.Equal(interruptAfter, resumed.Trainer.Step);
        Assert.Equal(new RunEnded(30, RunEndReason.Completed), resumed.Continue().Last());
        Assert.Equal(expected, State(resumed, alone));
        Assert.Equal(File.ReadAllText(Path.Combine(Folder("whole"), "metrics.jsonl")), File.ReadAllText(Path.Combine(Folder("parts"), "metrics.jsonl")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(Folder("whole"), "model.safetensors")), File.ReadAllBytes(Path.Combine(Folder("parts"), "model.safetensors")));
    }

    [Fact]
    public void A_crash_loses_only_the_steps_since_the_last_checkpoint()
    {
        var expected = RunThrough("whole");
        using (var run = TrainingRun.Start(Settings, Corpus, Folder("parts"), _kernels))
        {
            foreach (var happened in run.Continue())
            {
                if (happened is StepDone { Step: 17 })
                {
                    break;
                }
            }
        }

        using var resumed = TrainingRun.Resume(TrainingRun.ReadSettings(Folder("parts")), Corpus, Folder("parts"), _kernels);
        Assert.Equal(14, resumed.Trainer.Step);
        Assert.Equal(["The run goes on at step 14."], resumed.Notes);
        _ = resumed.Continue().Last();
        Assert.Equal(expected, State(resumed, _kernels));
    }

    [Fact]
    public void A_damaged_checkpoint_is_left_out_and_the_one_before_it_serves()
    {
        var expected = RunThrough("whole");
        Damage(Folder("whole"), "step-000030");
        using var resumed = TrainingRun.Resume(TrainingRun.ReadSettings(Folder("whole")), Corpus, Folder("whole"), _kernels);
        Assert.Equal(28, resumed.Trainer.Step);
        Assert.Contains("step-000030", resumed.Notes[0], StringComparison.Ordinal);
        _ = resumed.Continue().Last();
        Assert.Equal(expected, State(resumed, _kernels));
    }

    [Fact]
    public void A_run_with_no_good_checkpoint_left_is_not_silently_begun_again()
    {
        RunThrough("whole");
        Damage(Folder("whole"), "step-000030");
        Damage(Folder("whole"), "step-000028");
        var refusal = Assert.Throws<RunFolderException>(
            () => TrainingRun.Resume(TrainingRun.ReadSettings(Folder("whole")), Corpus, Folder("whole"), _kernels));
        Assert.Contains("no good checkpoint", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_checkpoint_begins_at_step_0_and_says_so()
    {
        TrainingRun.Start(Settings, Corpus, Folder("a"), _kernels).Dispose();
        using var resumed = TrainingRun.Resume(TrainingRun.ReadSettings(Folder("a")), Corpus, Folder("a"), _kernels);
        Assert.Equal(["There is no checkpoint yet: the run begins at step 0."], resumed.Notes);
        Assert.Equal(0, resumed.Trainer.Step);
    }

    [Fact]
    public void A_resume_with_another_recipe_shape_or_text_is_refused_with_the_difference()
    {
        RunThrough("a");
        var settings = TrainingRun.ReadSettings(Folder("a"));
        Refuses(settings with { Training = settings.Training with { LearningRate = 0.002 } }, Corpus, "training.learningRate was 0.001 and is 0.002");
        Refuses(settings with { Training = settings.Training with { Steps = 40 } }, Corpus, "training.steps was 30 and is 40");
        Refuses(settings with { Model = settings.Model with { LayerCount = 3 } }, Corpus, "model.layerCount was 2 and is 3");
        Refuses(settings, new TextCorpus("words", Encoding.UTF8.GetBytes(TinyTraining.Text + "a")), "is not the one it was begun with");

        void Refuses(RunSettings changed, TextCorpus corpus, string difference)
        {
            var refusal = Assert.Throws<RunFolderException>(() => TrainingRun.Resume(changed, corpus, Folder("a"), _kernels));
            Assert.Contains(difference, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_changes_no_number_may_change_on_resume()
    {
        using (var run = TrainingRun.Start(Settings with { Training = Settings.Training with { StopAt = 12 } }, Corpus, Folder("a"), _kernels))
        {
            Assert.Equal(new RunEnded(12, RunEndReason.Completed), run.Continue().Last());
        }

        var expected = RunThrough("whole");
        var settings = TrainingRun.ReadSettings(Folder("a"));
        using var resumed = TrainingRun.Resume(
            settings with { Training = settings.Training with { StopAt = 0, SaveEvery = 100 } }, Corpus, Folder("a"), _kernels);
        Assert.Equal(new RunEnded(30, RunEndReason.Completed), resumed.Continue().Last());
        Assert.Equal(expected, State(resumed, _kernels));
    }

    [Fact]
    public void A_finished_run_owes_nothing()
    {
        RunThrough("a");
        using var resumed = TrainingRun.Resume(TrainingRun.ReadSettings(Folder("a")), Corpus, Folder("a"), _kernels);
        Assert.Equal([new RunEnded(30, RunEndReason.Completed)], resumed.Continue());
        Assert.NotNull(resumed.BestValidationLoss);
    }

    [Fact]
    public void A_step_that_is_interrupted_between_micro_batches_is_as_if_it_had_not_begun()
    {
        using var cancellation = new CancellationTokenSource();
        using var run = TrainingRun.Start(
            Settings with { Training = Settings.Training with { MicroBatchSize = 1 } }, Corpus, Folder("a"), _kernels);
        _ = run.Continue().OfType<StepDone>().First();
        var before = State(run, _kernels);
        run.Trainer.GradientFinished = _ => cancellation.Cancel();
        Assert.Equal(new RunEnded(1, RunEndReason.Interrupted), run.Continue(cancellation.Token).Last());
        Assert.Equal(before, State(run, _kernels));
    }

    [Fact]
    public void A_run_on_other_vectors_goes_on_and_says_so()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { InstructionSet = InstructionSet.Vector128 });
        RunThrough("a");
        using var resumed = TrainingRun.Resume(TrainingRun.ReadSettings(Folder("a")), Corpus, Folder("a"), kernels);
        Assert.Equal(
            _kernels.Description == kernels.Description ? [] : ["results may differ in their last bits"],
            resumed.Notes.Skip(1).Select(note => note[(note.IndexOf(": ", StringComparison.Ordinal) + 2)..].TrimEnd('.')));
    }

    [Fact]
    public void A_folder_takes_one_run_at_a_time_and_never_a_second_new_one()
    {
        using (var run = TrainingRun.Start(Settings, Corpus, Folder("a"), _kernels))
        {
            var inUse = Assert.Throws<RunFolderException>(() => TrainingRun.Resume(Settings, Corpus, Folder("a"), _kernels));
            Assert.Contains("in use", inUse.Message, StringComparison.Ordinal);
            inUse = Assert.Throws<RunFolderException>(() => TrainingRun.Start(Settings, Corpus, Folder("a"), _kernels));
            Assert.Contains("in use", inUse.Message, StringComparison.Ordinal);
        }

        var notEmpty = Assert.Throws<RunFolderException>(() => TrainingRun.Start(Settings, Corpus, Folder("a"), _kernels));
        Assert.Contains("--resume", notEmpty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_too_short_leaves_nothing_behind()
    {
        var shortText = new TextCorpus("short", Encoding.UTF8.GetBytes("to be or not to be"));
        Assert.Throws<CorpusException>(() => TrainingRun.Start(Settings, shortText, Folder("a"), _kernels));
        Assert.False(Directory.Exists(Folder("a")));
    }

    public void Dispose()
    {
        _kernels.Dispose();
        Directory.Delete(_base, recursive: true);
    }

    private string Folder(string name) => Path.Combine(_base, name);

    private float[] RunThrough(string name)
    {
        using var run = TrainingRun.Start(Settings, Corpus, Folder(name), _kernels);
        _ = run.Continue().Last();
        return State(run, _kernels);
    }

    /// <summary>Weights and both moments.</summary>
    private static float[] State(TrainingRun run, IKernels kernels)
    {
        var optimizer = run.Trainer.Optimizer;
        return
        [
            .. TinyTraining.Read(kernels, run.Model.Parameters.Values),
            .. TinyTraining.Read(kernels, optimizer.FirstMoments),
            .. TinyTraining.Read(kernels, optimizer.SecondMoments),
        ];
    }

    private static void Damage(string folder, string checkpoint)
    {
        var path = Path.Combine(folder, "checkpoints", checkpoint, "weights.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
