namespace Inkling.Cli.Screen;

/// <summary>Where a training stands.</summary>
internal sealed record Progress
{
    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Step at which the run ends.</summary>
    public required long LastStep { get; init; }

    /// <summary>Smoothed loss of the batches, in nats per token.</summary>
    public double? TrainingLoss { get; init; }

    /// <summary>Loss of the last evaluation.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Lowest of all evaluations.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>Tokens trained on per second.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Share of the measured peak, between 0 and 1.</summary>
    public double Utilization { get; init; }

    /// <summary>Seconds since the run was begun or resumed.</summary>
    public double Seconds { get; init; }

    /// <summary>Seconds that the rest will take; not finite while nobody knows.</summary>
    public double SecondsLeft { get; init; } = double.NaN;

    /// <summary>Length of the last gradient.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double? LearningRate { get; init; }

    /// <summary>What is going on where it is not training, such as <c>evaluating</c>.</summary>
    public string? Activity { get; init; }

    /// <summary>Gives the course of the loss in columns, the whole run being so many.</summary>
    public Func<int, double[]> Course { get; init; } = _ => [];
}
