using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class LossHistoryTests
{
    // Pairs of mean training loss and validation loss, evaluation by evaluation; the last decides.
    [Theory]
    [InlineData(true, 2.0, 2.0, 1.8, 2.1, 1.6, 2.2)]
    [InlineData(true, 2.0, 2.0, 1.8, 2.01, 1.6, 2.05)]
    [InlineData(true, 2.5, 2.5, 2.0, 2.0, 1.8, 2.2, 1.7, 2.1, 1.75, 2.15)] // neither curve need be smooth
    [InlineData(false, 2.0, 2.0, 1.8, 2.1)] // one is no trend
    [InlineData(false, 2.0, 2.0, 1.8, 2.1, 1.6, 1.9)] // better again
    [InlineData(false, 2.0, 2.0, 1.8, 2.5, 1.6, 2.2)] // still worse, but on its way back, as after a rate that was too high
    [InlineData(false, 2.0, 2.0, 1.8, 2.01, 1.6, 2.03)] // as a sound loss wanders
    [InlineData(false, 2.0, 2.0, 2.1, 2.1, 2.2, 2.2)] // training gets worse too: that is divergence
    [InlineData(false, 2.0, 2.0, 1.8, double.NaN, 1.6, double.NaN)]
    public void A_model_overfits_when_validation_has_risen_twice_while_training_fell(bool expected, params double[] losses)
    {
        var history = new LossHistory();
        var isOverfitting = false;
        foreach (var (step, pair) in losses.Chunk(2).Index())
        {
            Add(history, pair[0]);
            isOverfitting = history.AddEvaluation(step, pair[1]);
        }

        Assert.Equal(expected, isOverfitting);
    }

    [Fact]
    public void A_finished_model_that_gets_worse_from_its_first_step_on_overfits_too()
    {
        var history = new LossHistory();
        Assert.False(history.AddEvaluation(0, 2.0));
        Add(history, 1.9);
        Assert.False(history.AddEvaluation(1, 2.1));
        Add(history, 1.8);
        Assert.True(history.AddEvaluation(2, 2.2));
        Assert.Equal((2.0, 0, 2), (history.BestValidationLoss, history.BestStep, history.EvaluationsWithoutImprovement));
    }

    [Fact]
    public void The_training_loss_is_the_mean_of_the_steps_since_the_last_evaluation_that_were_applied()
    {
        var history = new LossHistory();
        Assert.Null(history.TrainingLoss);
        Add(history, 3);
        Add(history, 1);
        history.AddStep(new StepResult(3, double.NaN, 1, 1, StepOutcome.NotFinite));
        Assert.Equal(2, history.TrainingLoss);
        history.AddEvaluation(3, 2);
        Assert.Null(history.TrainingLoss);
    }

    private static void Add(LossHistory history, double loss) => history.AddStep(new StepResult(1, loss, 1, 1, StepOutcome.Applied));
}
