namespace Inkling.Training;

/// <summary>What one training step did.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="Loss">Mean loss of the batch before the update, in nats per token.</param>
/// <param name="GradientNorm">Length of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate.</param>
/// <param name="Outcome">Whether the parameters were updated, and why not.</param>
public readonly record struct StepResult(long Step, double Loss, double GradientNorm, double LearningRate, StepOutcome Outcome)
{
    /// <summary>Whether the parameters were updated; otherwise the step was skipped.</summary>
    public bool IsApplied => Outcome == StepOutcome.Applied;
}
