namespace Inkling.Training;

/// <summary>Something that happened in a run; between two of them the caller may use the model.</summary>
/// <param name="Step">Steps done.</param>
public abstract record TrainingEvent(long Step);

/// <summary>A step was taken.</summary>
/// <param name="Result">What it did.</param>
public sealed record StepDone(StepResult Result) : TrainingEvent(Result.Step);

/// <summary>A checkpoint was saved.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Path">Its folder.</param>
public sealed record CheckpointSaved(long Step, string Path) : TrainingEvent(Step);

/// <summary>Something could not be saved; the run goes on and tries again with the next checkpoint.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Problem">What could not be saved, why, and what there is instead.</param>
public sealed record SaveFailed(long Step, string Problem) : TrainingEvent(Step);

/// <summary>The model was evaluated and, if it is the best so far, saved. Losses are nats per token.</summary>
/// <param name="Step">Steps done; 0 for a finished model before its first step on another text.</param>
public sealed record Evaluated(long Step) : TrainingEvent(Step)
{
    /// <summary>Mean loss over the whole validation part.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>The same over the tokens with at least half the context before them, see <see cref="Evaluation.HasHalfContext"/>.</summary>
    public required double ValidationLossHalfContext { get; init; }

    /// <summary>The lowest <see cref="ValidationLoss"/> so far, this one included.</summary>
    public required double BestValidationLoss { get; init; }

    /// <summary>Whether this one is the lowest.</summary>
    public required bool IsBest { get; init; }

    /// <summary>
    /// Mean loss of the batches since the last evaluation, each before its update and with dropout; steps without an update are left out. Null
    /// where there are none.
    /// </summary>
    public double? TrainingLoss { get; init; }

    /// <summary>
    /// Whether the model learns its text by heart: this validation loss is higher than the one before, which was above the lowest too, and at
    /// least 2 % above the lowest, while <see cref="TrainingLoss"/> is lower than it was there.
    /// </summary>
    public bool IsOverfitting { get; init; }

    /// <summary>Loss over random batches of the training part, where asked for.</summary>
    public double? TrainingEstimate { get; init; }

    /// <summary>The same of the validation part.</summary>
    public double? ValidationEstimate { get; init; }
}

/// <summary>The run has ended.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Reason">Why.</param>
public sealed record RunEnded(long Step, RunEndReason Reason) : TrainingEvent(Step);
