namespace Inkling.Layers;

/// <summary>Sizes and treatment of a <see cref="CausalSelfAttention"/>.</summary>
public sealed record CausalSelfAttentionOptions
{
    /// <summary>Channels C.</summary>
    public required int Width { get; init; }

    /// <summary>Heads H.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Heads Hk of keys and values; a divisor of H.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width D of a head; H·D need not be C.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public required bool HasQueryKeyValueBias { get; init; }

    /// <summary>Whether the projection has one.</summary>
    public required bool HasBias { get; init; }

    /// <summary>Deviation of the first values.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>The same for the projection, which ends in the residual sum.</summary>
    public required double ProjectionStandardDeviation { get; init; }

    /// <summary>Tokens that a token sees, itself included; 0: all before it.</summary>
    public int Window { get; init; }

    /// <summary>What happens to queries and keys before they meet, in this order.</summary>
    public IReadOnlyList<QueryKeyLayer> QueryKeyLayers { get; init; } = [];

    /// <summary>Fraction of attention weights dropped in training.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Fraction of the projection's outputs dropped in training.</summary>
    public double ResidualDropout { get; init; }
}
