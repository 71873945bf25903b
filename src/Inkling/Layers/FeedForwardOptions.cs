namespace Inkling.Layers;

/// <summary>Sizes and treatment of a <see cref="FeedForward"/>.</summary>
public sealed record FeedForwardOptions
{
    /// <summary>Channels C.</summary>
    public required int Width { get; init; }

    /// <summary>Channels F between the two layers.</summary>
    public required int HiddenWidth { get; init; }

    /// <summary>Whether both layers have a bias.</summary>
    public required bool HasBias { get; init; }

    /// <summary>Deviation of the first values.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>The same for the second layer, which ends in the residual sum.</summary>
    public required double ProjectionStandardDeviation { get; init; }

    /// <summary>Fraction of the outputs dropped in training.</summary>
    public double ResidualDropout { get; init; }
}
