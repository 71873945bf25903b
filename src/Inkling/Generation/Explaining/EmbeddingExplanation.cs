namespace Inkling.Generation.Explaining;

/// <summary>How tokens become vectors.</summary>
public sealed record EmbeddingExplanation
{
    /// <summary>Row of the token table for each token, (T, C).</summary>
    public required IReadOnlyList<float[]> Tokens { get; init; }

    /// <summary>Learned or sinusoidal vector of each position, (T, C); null in a model that adds none, such as one with rotary positions.</summary>
    public required IReadOnlyList<float[]>? Positions { get; init; }

    /// <summary>What the first block gets, (T, C): tokens plus positions.</summary>
    public required IReadOnlyList<float[]> Output { get; init; }

    /// <summary>The logit lens on <see cref="Output"/>: for each token the most probable next ones, best first.</summary>
    public required IReadOnlyList<IReadOnlyList<TokenProbability>> Lens { get; init; }
}
