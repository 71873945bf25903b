namespace Inkling.Kernels;

/// <summary>
/// Sizes and mask of an attention. Query i of a sequence stands at position <see cref="QueryOffset"/> + i and, when
/// <see cref="Causal"/>, sees the keys at positions up to its own.
/// </summary>
public readonly record struct AttentionShape
{
    /// <summary>Number of sequences B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Queries per sequence; sequence b has rows [b·T, (b + 1)·T) of the query matrix.</summary>
    public required int QueryCount { get; init; }

    /// <summary>Keys per sequence that hold values.</summary>
    public required int KeyCount { get; init; }

    /// <summary>Rows per sequence in the key and value matrices, at least <see cref="KeyCount"/>; a cache has more than it uses.</summary>
    public required int KeyCapacity { get; init; }

    /// <summary>Query heads H, side by side in a row of queries.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads; a divisor of <see cref="HeadCount"/>.</summary>
    public required int KeyHeadCount { get; init; }

    /// <summary>Width D of one head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Position of the first query among the keys.</summary>
    public int QueryOffset { get; init; }

    /// <summary>Whether a query sees no key after its own position; otherwise it sees all.</summary>
    public bool Causal { get; init; }

    /// <summary>Number of keys that query <paramref name="query"/> sees.</summary>
    public int VisibleKeys(int query) => Causal ? Math.Min(KeyCount, QueryOffset + query + 1) : KeyCount;

    /// <summary>Factor of the dot products, 1/√D ("Attention Is All You Need", section 3.2.1).</summary>
    public double Scale => 1 / Math.Sqrt(HeadSize);
}
