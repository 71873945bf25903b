namespace Inkling.Generation;

/// <summary>
/// Changes the logits of tokens that have come before, so that a text repeats itself less: first the repetition penalty, then presence and
/// frequency. It belongs to one text, whose tokens it counts; <see cref="Sampler"/> chooses from what it makes.
/// </summary>
public sealed class Penalties
{
    private readonly GenerationOptions _options;
    private readonly bool[] _isKnown;
    private readonly int[] _generatedCounts;
    private readonly float[] _logits;

    private Penalties(GenerationOptions options, int vocabularySize)
    {
        _options = options;
        _isKnown = new bool[vocabularySize];
        _generatedCounts = new int[vocabularySize];
        _logits = new float[vocabularySize];
    }

    /// <summary>Begins a text.</summary>
    /// <param name="options">The penalties.</param>
    /// <param name="vocabularySize">V, the number of tokens there are.</param>
    /// <param name="prompt">What the model sees of the prompt; it counts for the repetition penalty alone.</param>
    /// <returns>Null where the options change nothing.</returns>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="IndexOutOfRangeException">A token is outside the vocabulary.</exception>
    public static Penalties? Create(GenerationOptions options, int vocabularySize, ReadOnlySpan<int> prompt)
    {
        options.Validate();
        if (options is { RepetitionPenalty: 1, PresencePenalty: 0, FrequencyPenalty: 0 })
        {
            return null;
        }

        var penalties = new Penalties(options, vocabularySize);
        foreach (var token in prompt)
        {
            penalties._isKnown[token] = true;
        }

        return penalties;
    }

    /// <summary>The logits for the next token after the penalties.</summary>
    /// <param name="logits">Scores of all tokens (V); they stay as they are.</param>
    /// <returns>Scores (V) that are valid until the next call.</returns>
    /// <exception cref="ArgumentException">There are not V logits.</exception>
    public ReadOnlySpan<float> Apply(ReadOnlySpan<float> logits)
    {
        if (logits.Length != _logits.Length)
        {
            throw new ArgumentException($"The penalties were made for a vocabulary of {_logits.Length}, not for {logits.Length} logits.");
        }

        for (var token = 0; token < logits.Length; token++)
        {
            _logits[token] = _isKnown[token] ? Penalize(logits[token], _generatedCounts[token], _options) : logits[token];
        }

        return _logits;
    }

    /// <summary>Counts a token that was generated.</summary>
    /// <exception cref="IndexOutOfRangeException">The token is outside the vocabulary.</exception>
    public void Count(int token)
    {
        _isKnown[token] = true;
        _generatedCounts[token]++;
    }

    private static float Penalize(float logit, int count, GenerationOptions options)
    {
        var repeated = logit > 0 ? logit / options.RepetitionPenalty : logit * options.RepetitionPenalty;
        var penalized = repeated - (count > 0 ? options.PresencePenalty : 0) - (count * options.FrequencyPenalty);

        // An enormous penalty makes a token as improbable as can be, and not the logits invalid.
        return float.IsFinite(logit) ? (float)Math.Clamp(penalized, float.MinValue, float.MaxValue) : logit;
    }
}
