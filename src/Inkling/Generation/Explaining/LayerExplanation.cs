namespace Inkling.Generation.Explaining;

/// <summary>What one block did.</summary>
public sealed record LayerExplanation
{
    /// <summary>Which token looked at which.</summary>
    public required AttentionExplanation Attention { get; init; }

    /// <summary>The residual stream after the block, (T, C).</summary>
    public required IReadOnlyList<float[]> Output { get; init; }

    /// <summary>
    /// The logit lens: what the model would predict if it ended here, for each token the most probable next ones, best first
    /// (nostalgebraist, "interpreting GPT: the logit lens", 2020).
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<TokenProbability>> Lens { get; init; }
}
