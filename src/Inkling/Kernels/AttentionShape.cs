namespace Inkling.Kernels;

/// <summary>
/// Sizes, mask and precision of an attention. Query i of a sequence stands at position <see cref="QueryOffset"/> + i and, when
/// <see cref="Causal"/>, sees the keys at positions up to its own, with a <see cref="Window"/> only the last of them.
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

    /// <summary>
    /// Most keys that a query sees, its own position included; 0 for no limit (Child et al., "Generating Long Sequences with Sparse Transformers",
    /// 2019; the sliding window of Mistral 7B). Causal attention only.
    /// </summary>
    public int Window { get; init; }

    /// <summary>Precision of its products; with bfloat16 queries, keys, values, weights and the gradients that are multiplied with them are rounded.</summary>
    public Precision Precision { get; init; }

    /// <summary>The first key that query <paramref name="query"/> sees.</summary>
    public int FirstKey(int query) => Window > 0 ? Math.Max(0, QueryOffset + query + 1 - Window) : 0;

    /// <summary>One past the last key that query <paramref name="query"/> sees.</summary>
    public int EndKey(int query) => Causal ? Math.Min(KeyCount, QueryOffset + query + 1) : KeyCount;

    /// <summary>Factor of the dot products, 1/√D ("Attention Is All You Need", section 3.2.1).</summary>
    public double Scale => 1 / Math.Sqrt(HeadSize);
}
