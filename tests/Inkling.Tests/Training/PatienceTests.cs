using System.Text;
using System.Text.Json;
using Inkling.Data;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class PatienceTests : IDisposable
{
    // Letters that nothing predicts: what the training part can still teach is itself by heart.
    private static readonly TextCorpus Noise = new("noise", MakeNoise());

    private static readonly RunSettings Impatient = TinyRuns.Settings with
    {
        Model = TinyTraining.Model with { EmbeddingDropout = 0, AttentionDropout = 0, ResidualDropout = 0 },
        Training = TinyRuns.Settings.Training with { Steps = 400, EvaluateEvery = 5, SaveEvery = 4, LearningRate = 0.01, Patience = 3 },
    };

    private readonly TinyRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void A_run_ends_after_as_many_evaluations_without_a_better_loss()
    {
        var events = _runs.Finish(_runs.Start("a", Impatient, Noise)).Events;

        var evaluations = events.OfType<Evaluated>().ToList();
        Assert.All(evaluations.TakeLast(3), evaluated => Assert.False(evaluated.IsBest));
        Assert.True(evaluations[^4].IsBest);
        Assert.Equal(new RunEnded(evaluations[^1].Step, RunEndReason.OutOfPatience), events[^1]);
        Assert.InRange(evaluations[^1].Step, 15, 395);
        Assert.IsType<CheckpointSaved>(events[^2]); // so that it owes nothing
    }

    [Fact]
    public void A_run_killed_anywhere_runs_out_of_patience_at_the_same_step()
        => _runs.EqualsItselfKilledAnywhere(
            Impatient with { Training = Impatient.Training with { EvaluateEvery = 1, SaveEvery = 2, Patience = 1, LearningRate = 0.1, WarmupSteps = 0 } }, Noise);

    [Fact]
    public void Resumed_it_says_that_it_has_ended_and_with_more_patience_goes_on_as_if_it_had_had_it_from_the_start()
    {
        var ended = _runs.Finish(_runs.Start("a", Impatient, Noise)).Events[^1];
        using (var again = _runs.Resume("a", corpus: Noise))
        {
            Assert.Equal($"The run goes on at step {ended.Step}.", again.Notes[0]);
            Assert.Equal(
                $"It has ended: 3 evaluations in a row were no better than the best, at step {ended.Step - 15}. A larger --patience, or 0, goes on.",
                again.Notes[1]);
            Assert.Equal([ended], again.Continue());
        }

        var longer = Impatient with { Training = Impatient.Training with { Patience = 5 } };
        var whole = _runs.Finish(_runs.Start("whole", longer, Noise));
        var resumed = _runs.Finish(_runs.Resume("a", options => options with { Patience = 5 }, Noise));
        Assert.Equal(RunEndReason.OutOfPatience, Assert.IsType<RunEnded>(resumed.Events[^1]).Reason);
        Assert.Equal(whole.State, resumed.State);
        Assert.Equal(whole.Metrics, resumed.Metrics);
        Assert.Equal(whole.Model, resumed.Model);
    }

    [Fact]
    public void What_is_learned_by_heart_is_overfitting_and_the_metrics_show_both_losses()
    {
        var outcome = _runs.Finish(_runs.Start("a", Impatient with { Training = Impatient.Training with { Patience = 0, Steps = 150, EvaluateEvery = 30 } }, Noise));

        var evaluations = outcome.Events.OfType<Evaluated>().ToList();
        Assert.False(evaluations[0].IsOverfitting);
        Assert.True(evaluations[^1].IsOverfitting);
        Assert.True(evaluations[^1].TrainingLoss < evaluations[0].TrainingLoss);
        var steps = outcome.Events.OfType<StepDone>().Where(done => done.Step > 120).Select(done => done.Result.Loss);
        Assert.Equal(steps.Sum() / 30, evaluations[^1].TrainingLoss);
        var line = JsonDocument.Parse(outcome.Metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        Assert.Equal(
            ["step", "validationLoss", "bestValidationLoss", "validationLossHalfContext", "trainingLoss"],
            line.EnumerateObject().Select(field => field.Name));
        Assert.Equal(evaluations[^1].TrainingLoss, line.GetProperty("trainingLoss").GetDouble());
        Assert.Equal(evaluations[^1].ValidationLossHalfContext, line.GetProperty("validationLossHalfContext").GetDouble());
    }

    private static byte[] MakeNoise()
    {
        var random = new Random(3);
        return Encoding.UTF8.GetBytes("abcdefghijklmnopqrstuvwxyz " + string.Concat(Enumerable.Range(0, 600).Select(_ => (char)('a' + random.Next(26)))));
    }
}
