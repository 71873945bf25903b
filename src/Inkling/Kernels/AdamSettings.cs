namespace Inkling.Kernels;

/// <summary>One update of Adam (Kingma and Ba, 2015), or AdamW (Loshchilov and Hutter, 2019) when the decay is not zero.</summary>
public readonly record struct AdamSettings
{
    /// <summary>
    /// Longest gradient that an update may be made of. The root of the largest float is 1.8e19: below that, with room for rounding, no moment overflows.
    /// </summary>
    public const double LongestGradient = 1e19;

    /// <summary>Learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>How much of the running mean of the gradient stays, β₁.</summary>
    public required double Beta1 { get; init; }

    /// <summary>How much of the running mean of the squared gradient stays, β₂.</summary>
    public required double Beta2 { get; init; }

    /// <summary>Added to the root of the second moment.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Decoupled weight decay λ: values shrink by the factor 1 − rate·λ before the update.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Number of this update, from 1, for the bias correction.</summary>
    public required long Update { get; init; }
}
