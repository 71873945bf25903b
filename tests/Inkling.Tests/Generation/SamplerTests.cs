using Inkling.Generation;
using Inkling.Kernels;

namespace Inkling.Tests.Generation;

public sealed class SamplerTests
{
    private const int Draws = 20_000;

    private static readonly GenerationOptions Plain = new() { Temperature = 1, Seed = 7 };

    // Probabilities 0.1, 0.5, 0.15, 0.25.
    private static readonly float[] Four = Logits(0.1, 0.5, 0.15, 0.25);

    /// <summary>Options, and by hand the tokens that may be drawn from <see cref="Four"/>.</summary>
    public static TheoryData<GenerationOptions, int[]> Supports => new()
    {
        { Plain, [0, 1, 2, 3] },
        { Plain with { Temperature = 0 }, [1] },
        { Plain with { TopK = 1 }, [1] },
        { Plain with { TopK = 2 }, [1, 3] },
        { Plain with { TopK = 3 }, [1, 2, 3] },
        { Plain with { TopK = 4 }, [0, 1, 2, 3] },
        { Plain with { TopK = 1_000 }, [0, 1, 2, 3] },
        { Plain with { TopP = 0 }, [1] },
        { Plain with { TopP = 0.45 }, [1] },
        { Plain with { TopP = 0.55 }, [1, 3] },
        { Plain with { TopP = 0.8 }, [1, 2, 3] },
        { Plain with { TopP = 0.95 }, [0, 1, 2, 3] },
        { Plain with { TopK = 2, TopP = 0.6 }, [1] }, // top-k leaves 2/3 and 1/3, of which 2/3 is enough
        { Plain with { TopK = 2, TopP = 0.7 }, [1, 3] },
        { Plain with { MinP = 0 }, [0, 1, 2, 3] },
        { Plain with { MinP = 0.19 }, [0, 1, 2, 3] }, // shares of the greatest: 0.2, 1, 0.3, 0.5
        { Plain with { MinP = 0.25 }, [1, 2, 3] },
        { Plain with { MinP = 0.45 }, [1, 3] },
        { Plain with { MinP = 0.55 }, [1] },
        { Plain with { MinP = 1 }, [1] },
        { Plain with { TopK = 3, MinP = 0.19 }, [1, 2, 3] },
        { Plain with { TopP = 0.55, MinP = 0.25 }, [1, 3] }, // top-p first: of what min-p leaves, 0.55 would be enough without 3
        { Plain with { Temperature = 2, MinP = 0.45 }, [1, 2, 3] }, // roots: 0.447, 1, 0.548, 0.707
        { Plain with { Temperature = 0.5, TopP = 0.7 }, [1] }, // squares: 0.25 of 0.345 is 0.72
        { Plain with { Temperature = 2, TopP = 0.6 }, [1, 3] }, // roots: 0.707 of 1.911 is 0.37, with 0.5 it is 0.63
        { Plain with { Temperature = 2, TopP = 0.7 }, [1, 2, 3] },
    };

    [Theory]
    [MemberData(nameof(Supports))]
    public void Only_the_tokens_that_the_options_leave_are_drawn(GenerationOptions options, int[] tokens)
        => Assert.Equal(tokens, Sample(options, Four, 2_000).Distinct().Order());

    [Theory]
    [InlineData(1.0, 0, 1.0, 0.0)]
    [InlineData(0.5, 0, 1.0, 0.0)]
    [InlineData(3.0, 0, 1.0, 0.0)]
    [InlineData(1.0, 3, 1.0, 0.0)]
    [InlineData(1.0, 0, 0.8, 0.0)]
    [InlineData(0.7, 3, 0.8, 0.0)]
    [InlineData(1.0, 0, 1.0, 0.25)]
    [InlineData(2.0, 3, 0.9, 0.4)]
    public void Frequencies_are_the_probabilities(double temperature, int topK, double topP, double minP)
    {
        var options = Plain with { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };
        int[] drawn = Sample(options, Four, Draws);
        int[] support = [.. drawn.Distinct()];
        double[] weights = [.. support.Select(token => Math.Exp(Four[token] / temperature))];

        var chiSquare = support.Zip(weights, (token, weight) => (Drawn: drawn.Count(t => t == token), Expected: Draws * weight / weights.Sum()))
            .Sum(cell => (cell.Drawn - cell.Expected) * (cell.Drawn - cell.Expected) / cell.Expected);

        Assert.InRange(chiSquare, 0, 16.3); // three degrees of freedom at most: exceeded by chance once in a thousand seeds
    }

    [Fact]
    public void A_vanishing_temperature_takes_the_most_probable_token()
    {
        foreach (var temperature in new[] { 0, double.Epsilon, 1e-300, 1e-3 })
            Assert.All(Sample(Plain with { Temperature = temperature }, Four, 100), token => Assert.Equal(1, token));
    }

    [Fact]
    public void One_candidate_is_the_most_probable_token()
    {
        foreach (var position in Enumerable.Range(0, 100))
        {
            float[] logits = [.. Enumerable.Range(0, 50).Select(i => (float)Philox.Uniform(new RandomKey(9, RandomPurpose.Windows, (uint)position, 0), 0, (uint)i))];
            foreach (var options in new[] { Plain with { TopK = 1 }, Plain with { TopP = 0 }, Plain with { MinP = 1 } })
                Assert.Equal(new Sampler(Plain with { Temperature = 0 }, 50).Next(logits, position), new Sampler(options, 50).Next(logits, position));
        }
    }

    [Fact]
    public void An_enormous_temperature_makes_all_possible_tokens_equal()
    {
        int[] drawn = Sample(Plain with { Temperature = double.MaxValue }, [-1e30f, float.NegativeInfinity, 1e30f, float.MaxValue], Draws);

        Assert.Equal([0, 2, 3], drawn.Distinct().Order());
        Assert.All([0, 2, 3], token => Assert.Equal(Draws / 3.0, drawn.Count(t => t == token), 5 * Math.Sqrt(Draws / 4.5))); // five deviations
    }

    [Fact]
    public void Equal_logits_rank_by_id()
    {
        var equal = new float[10];

        Assert.Equal([0], Support(Plain with { Temperature = 0 }));
        Assert.Equal([0], Support(Plain with { TopP = 0 }));
        Assert.Equal([0, 1, 2], Support(Plain with { TopK = 3 }));
        Assert.Equal([0, 1, 2], Support(Plain with { TopP = 0.25 }));
        Assert.Equal([0, 1, 2, 3, 4], Support(Plain with { TopP = 0.5 })); // at least, so exactly half is enough
        Assert.Equal(Enumerable.Range(0, 10), Support(Plain with { MinP = 1 })); // at least, so as probable as the greatest is enough
        Assert.Equal(Enumerable.Range(0, 10), Support(Plain));

        IEnumerable<int> Support(GenerationOptions options) => Sample(options, equal, 2_000).Distinct().Order();
    }

    [Fact]
    public void A_vocabulary_of_one_has_one_token()
    {
        foreach (var temperature in new[] { 0.0, 1 })
            Assert.Equal(0, new Sampler(Plain with { Temperature = temperature, TopK = 5, TopP = 0.5 }, 1).Next([-3e38f], 0));
    }

    [Fact]
    public void An_excluded_token_is_never_drawn()
        => Assert.Equal([1, 2], Sample(Plain, [float.NegativeInfinity, 0, 1, float.NegativeInfinity], 2_000).Distinct().Order());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Logits_that_are_no_distribution_are_refused(double temperature)
    {
        AssertRefused("The logit of token 1 is NaN; the model's weights are damaged or its training diverged.", 0, float.NaN, 1);
        AssertRefused("The logit of token 0 is NaN; the model's weights are damaged or its training diverged.", float.NaN, 0, 1);
        AssertRefused("The logit of token 2 is Infinity; the model's weights are damaged or its training diverged.", 0, 1, float.PositiveInfinity);
        AssertRefused("All 2 logits are −∞; at least one token must be possible.", float.NegativeInfinity, float.NegativeInfinity);

        void AssertRefused(string message, params float[] logits)
        {
            var sampler = new Sampler(Plain with { Temperature = temperature }, logits.Length);
            Assert.Equal(message, Assert.Throws<InvalidLogitsException>(() => sampler.Next(logits, 0)).Message);
        }
    }

    [Fact]
    public void A_draw_depends_on_seed_sequence_and_position_alone()
    {
        int[] drawn = Sample(Plain, Four, 200);

        Assert.Equal(drawn, Sample(Plain, Four, 200));
        Assert.NotEqual(drawn, Sample(Plain with { Seed = 8 }, Four, 200));
        Assert.NotEqual(drawn, Sample(Plain with { Sequence = 1 }, Four, 200));
        var sampler = new Sampler(Plain, 4);
        Assert.Equal(drawn.Reverse(), Enumerable.Range(0, 200).Reverse().Select(position => sampler.Next(Four, position)));
    }

    /// <summary>The selection without full sorting, against sorting everything, on vocabularies with many ties.</summary>
    [Theory]
    [InlineData(0, 0.9, 0.0)]
    [InlineData(0, 0.1, 0.0)]
    [InlineData(0, 0.999999, 0.0)]
    [InlineData(1, 1.0, 0.0)]
    [InlineData(7, 1.0, 0.0)]
    [InlineData(40, 0.5, 0.0)]
    [InlineData(700, 0.9, 0.0)]
    [InlineData(999, 1.0, 0.0)]
    [InlineData(999, 1.0, 0.3)]
    [InlineData(0, 0.999999, 0.01)]
    [InlineData(40, 0.9, 0.9)]
    public void Selection_equals_sorting_everything(int topK, double topP, double minP)
    {
        var options = Plain with { TopK = topK, TopP = topP, MinP = minP };
        float[] random = [.. Enumerable.Range(0, 1_000).Select(i => (Philox.Block(new RandomKey(3, RandomPurpose.Windows, 0, 0), 0, (uint)i)[0] % 97) / 20f)];
        foreach (var logits in new[] { random, [.. random.Order()], [.. random.OrderDescending()] })
        {
            var sampler = new Sampler(options, logits.Length);
            for (var position = 0; position < 100; position++)
                Assert.Equal(SortAndDraw(options, logits, position), sampler.Next(logits, position));
        }
    }

    [Fact]
    public void Logits_of_another_vocabulary_are_refused()
        => Assert.Equal(
            "The sampler was made for a vocabulary of 3, not for 4 logits.",
            Assert.Throws<ArgumentException>(() => new Sampler(Plain, 3).Next(Four, 0)).Message);

    private static float[] Logits(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    private static int[] Sample(GenerationOptions options, float[] logits, int count)
    {
        var sampler = new Sampler(options, logits.Length);
        return [.. Enumerable.Range(0, count).Select(position => sampler.Next(logits, position))];
    }

    private static int SortAndDraw(GenerationOptions options, float[] logits, int position)
    {
        double greatest = logits.Max();
        int[] tokens = [.. Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token])]; // stable: lower ids first
        tokens = [.. tokens.Take(options.TopK == 0 ? tokens.Length : options.TopK)];
        double[] sums = RunningSums();
        tokens = tokens[..(Array.FindIndex(sums, sum => sum >= options.TopP * sums[^1]) + 1)];
        tokens = [.. tokens.Where(token => Math.Exp((logits[token] - greatest) / options.Temperature) >= options.MinP)];
        sums = RunningSums();
        var key = new RandomKey(options.Seed, RandomPurpose.Sampling, (uint)position, 0);
        var target = Philox.Uniform(key, (uint)options.Sequence, 0) * sums[^1];
        return tokens[Array.FindIndex(sums, sum => sum > target)];

        double[] RunningSums()
        {
            var sum = 0.0;
            return [.. tokens.Select(token => sum += Math.Exp((logits[token] - greatest) / options.Temperature))];
        }
    }
}
