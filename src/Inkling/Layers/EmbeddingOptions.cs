namespace Inkling.Layers;

/// <summary>Sizes and treatment of an <see cref="Embedding"/>.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>Tokens V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Channels C.</summary>
    public required int Width { get; init; }

    /// <summary>Deviation of the first values.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>Positions that have a trained vector; 0: none.</summary>
    public int LearnedPositionCount { get; init; }

    /// <summary>Vectors of positions that are not trained, (context length, C); or null. Not owned.</summary>
    public PositionTable? FixedPositions { get; init; }

    /// <summary>Fraction of the sum dropped in training.</summary>
    public double Dropout { get; init; }
}
