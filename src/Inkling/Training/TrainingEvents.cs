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

/// <summary>The model was evaluated and, if it is the best so far, saved.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="ValidationLoss">Mean loss over the whole validation part, in nats per token.</param>
/// <param name="BestValidationLoss">The lowest so far, this one included.</param>
/// <param name="IsBest">Whether this one is the lowest.</param>
/// <param name="TrainingEstimate">Loss over random batches of the training part, where asked for.</param>
/// <param name="ValidationEstimate">The same of the validation part.</param>
public sealed record Evaluated(
    long Step, double ValidationLoss, double BestValidationLoss, bool IsBest, double? TrainingEstimate, double? ValidationEstimate)
    : TrainingEvent(Step);

/// <summary>The run has ended.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="IsInterrupted">Whether it was asked to end before its last step; all is saved then.</param>
public sealed record RunEnded(long Step, bool IsInterrupted) : TrainingEvent(Step);
