using Inkling.Kernels;

namespace Inkling.Generation;

/// <summary>
/// Chooses the next token from logits: temperature, then top-k, then top-p, then min-p, then a draw, each a function of its arguments alone.
/// What is drawn is a function of seed, position and sequence, so there is no state to save; equally probable tokens rank by id.
/// </summary>
/// <remarks>
/// The order is that of Hugging Face's transformers; llama.cpp applies the temperature last, so that what it cuts off does not depend on it.
/// <see cref="Penalties"/>, which need the text so far, come first in both and here: they make the logits that a sampler is handed.
/// </remarks>
public sealed class Sampler
{
    private readonly GenerationOptions _options;
    private readonly Candidate[] _candidates;

    /// <summary>Allocates all that sampling needs.</summary>
    /// <exception cref="ArgumentException">An option is outside its range, or there is no token.</exception>
    public Sampler(GenerationOptions options, int vocabularySize)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        _options = options;
        _candidates = new Candidate[vocabularySize];
    }

    /// <summary>The token at a position of the generated text.</summary>
    /// <param name="logits">Scores of all tokens (V); −∞ excludes a token.</param>
    /// <param name="position">Number of the token among those generated, from 0.</param>
    /// <exception cref="ArgumentException">There are not V logits.</exception>
    /// <exception cref="InvalidLogitsException">A logit is NaN or +∞, or all are −∞.</exception>
    public int Next(ReadOnlySpan<float> logits, int position)
    {
        var candidates = Candidates(logits);
        var key = new RandomKey(_options.Seed, RandomPurpose.Sampling, (uint)position, Site: 0);
        return candidates.Length == 1 ? candidates[0].Token : Draw(candidates, Philox.Uniform(key, (uint)_options.Sequence, block: 0));
    }

    /// <summary>What <see cref="Next"/> draws from: the probability of each token (V), 0 for those that the options leave out.</summary>
    /// <param name="logits">Scores of all tokens (V); −∞ excludes a token.</param>
    /// <exception cref="ArgumentException">There are not V logits.</exception>
    /// <exception cref="InvalidLogitsException">A logit is NaN or +∞, or all are −∞.</exception>
    public double[] Probabilities(ReadOnlySpan<float> logits)
    {
        var candidates = Candidates(logits);
        var total = TotalWeight(candidates);
        var probabilities = new double[logits.Length];
        foreach (var candidate in candidates)
        {
            probabilities[candidate.Token] = candidate.Weight / total;
        }

        return probabilities;
    }

    private Span<Candidate> Candidates(ReadOnlySpan<float> logits)
    {
        if (logits.Length != _candidates.Length)
        {
            throw new ArgumentException($"The sampler was made for a vocabulary of {_candidates.Length}, not for {logits.Length} logits.");
        }

        var best = MostProbable(logits);
        if (_options.Temperature == 0)
        {
            _candidates[0] = new Candidate(best, 1);
            return _candidates.AsSpan(0, 1);
        }

        var candidates = Temper(logits, logits[best], _options.Temperature, _candidates);
        candidates = TopK(candidates, _options.TopK);
        candidates = TopP(candidates, _options.TopP);
        return MinP(candidates, _options.MinP);
    }

    private static int MostProbable(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            if (!(logits[i] < float.PositiveInfinity))
            {
                throw new InvalidLogitsException($"The logit of token {i} is {logits[i]}; the model's weights are damaged or its training diverged.");
            }

            if (logits[i] > logits[best])
            {
                best = i;
            }
        }

        return logits[best] > float.NegativeInfinity
            ? best
            : throw new InvalidLogitsException($"All {logits.Length} logits are −∞; at least one token must be possible.");
    }

    // The greatest logit gets the weight 1, so that no temperature makes the weights overflow or vanish together.
    private static Span<Candidate> Temper(ReadOnlySpan<float> logits, double greatest, double temperature, Span<Candidate> candidates)
    {
        for (var i = 0; i < logits.Length; i++)
        {
            candidates[i] = new Candidate(i, Math.Exp((logits[i] - greatest) / temperature));
        }

        return candidates;
    }

    private static Span<Candidate> TopK(Span<Candidate> candidates, int k)
    {
        if (k == 0 || k >= candidates.Length)
        {
            return candidates;
        }

        // The first k are sorted, and what beats the last of them gathers behind: most tokens are compared once and never sorted.
        candidates[..k].Sort();
        var count = k;
        for (var i = k; i < candidates.Length; i++)
        {
            if (candidates[i].CompareTo(candidates[k - 1]) < 0)
            {
                candidates[count++] = candidates[i];
                if (count == 2 * k)
                {
                    candidates[..count].Sort();
                    count = k;
                }
            }
        }

        candidates[..count].Sort();
        return candidates[..k];
    }

    private static Span<Candidate> TopP(Span<Candidate> candidates, double p)
    {
        if (p == 1)
        {
            return candidates;
        }

        // n tokens of less than (1 − p) ÷ n each are together less than what is cut off, so only the others need sorting. The
        // half leaves room for rounding.
        var total = TotalWeight(candidates);
        var least = 0.5 * (1 - p) * total / candidates.Length;
        var count = 0;
        foreach (var candidate in candidates)
        {
            if (candidate.Weight >= least)
            {
                candidates[count++] = candidate;
            }
        }

        candidates = candidates[..count];
        candidates.Sort();
        var kept = 1;
        for (var weight = candidates[0].Weight; weight < p * total && kept < count; kept++)
        {
            weight += candidates[kept].Weight;
        }

        return candidates[..kept];
    }

    // The most probable token has the weight 1 and is never cut off, so weights compare with p itself.
    private static Span<Candidate> MinP(Span<Candidate> candidates, double p)
    {
        if (p == 0)
        {
            return candidates;
        }

        var count = 0;
        foreach (var candidate in candidates)
        {
            if (candidate.Weight >= p)
            {
                candidates[count++] = candidate;
            }
        }

        return candidates[..count];
    }

    // The sum below repeats that of the total, and uniform · total is less than it: the walk ends inside, at a weight above 0.
    private static int Draw(ReadOnlySpan<Candidate> candidates, double uniform)
    {
        var target = uniform * TotalWeight(candidates);
        var i = 0;
        for (var weight = candidates[0].Weight; weight <= target; weight += candidates[i].Weight)
        {
            i++;
        }

        return candidates[i].Token;
    }

    private static double TotalWeight(ReadOnlySpan<Candidate> candidates)
    {
        var total = 0.0;
        foreach (var candidate in candidates)
        {
            total += candidate.Weight;
        }

        return total;
    }

    /// <summary>A token and its probability up to a common factor; the most probable sorts first.</summary>
    private readonly record struct Candidate(int Token, double Weight) : IComparable<Candidate>
    {
        public int CompareTo(Candidate other)
            => Weight == other.Weight ? Token.CompareTo(other.Token) : other.Weight.CompareTo(Weight);
    }
}
