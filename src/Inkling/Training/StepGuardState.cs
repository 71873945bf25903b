namespace Inkling.Training;

/// <summary>What a <see cref="StepGuard"/> has seen, so that a run goes on after an interruption as if there had been none.</summary>
public sealed record StepGuardState
{
    /// <summary>Losses of the last applied steps in nats per token, the oldest first; empty while <see cref="TrainingOptions.SpikeThreshold"/> is off.</summary>
    public IReadOnlyList<double> RecentLosses { get; init; } = [];

    /// <summary>Steps skipped in all.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>Steps skipped since the last applied one.</summary>
    public long SkippedInARow { get; init; }
}
