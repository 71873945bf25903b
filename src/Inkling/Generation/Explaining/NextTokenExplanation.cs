namespace Inkling.Generation.Explaining;

/// <summary>How the next token is chosen. Every list has one number for each token of the vocabulary (V).</summary>
public sealed record NextTokenExplanation
{
    /// <summary>Scores, as the model gives them.</summary>
    public required IReadOnlyList<float> Logits { get; init; }

    /// <summary>Softmax of the logits.</summary>
    public required IReadOnlyList<double> Raw { get; init; }

    /// <summary>Softmax of the logits after <see cref="Penalties"/>, divided by the temperature.</summary>
    public required IReadOnlyList<double> Tempered { get; init; }

    /// <summary>What is drawn from: the same with 0 for the tokens that top-k and its like leave out.</summary>
    public required IReadOnlyList<double> Kept { get; init; }

    /// <summary>The token that was drawn: the first that <see cref="Generator"/> would write.</summary>
    public required int Drawn { get; init; }

    /// <summary>Turns scores into a choice, as <see cref="Generator"/> does.</summary>
    /// <param name="logits">Scores of all tokens (V).</param>
    /// <param name="prompt">What the model has seen; the repetition penalty asks for it.</param>
    /// <param name="options">How to choose.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="InvalidLogitsException">The logits give no distribution.</exception>
    public static NextTokenExplanation Of(float[] logits, ReadOnlySpan<int> prompt, GenerationOptions options)
    {
        var sampler = new Sampler(options, logits.Length);
        float[] penalized = Penalties.Create(options, logits.Length, prompt) is { } penalties ? [.. penalties.Apply(logits)] : logits;
        return new NextTokenExplanation
        {
            Logits = logits,
            Raw = Probabilities(logits, temperature: 1),
            Tempered = Probabilities(penalized, options.Temperature),
            Kept = sampler.Probabilities(penalized),
            Drawn = sampler.Next(penalized, position: 0),
        };

        // Options that say nothing else leave no token out.
        static double[] Probabilities(float[] logits, double temperature)
            => new Sampler(new GenerationOptions { Temperature = temperature }, logits.Length).Probabilities(logits);
    }
}
