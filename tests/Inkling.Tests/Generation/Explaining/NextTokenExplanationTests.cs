using Inkling.Generation;
using Inkling.Generation.Explaining;

namespace Inkling.Tests.Generation.Explaining;

public sealed class NextTokenExplanationTests
{
    // Probabilities 0.1, 0.5, 0.15, 0.25.
    private static readonly float[] Four = [.. new[] { 0.1, 0.5, 0.15, 0.25 }.Select(p => (float)Math.Log(p))];

    [Fact]
    public void Raw_probabilities_become_tempered_ones_and_then_fewer()
    {
        var next = NextTokenExplanation.Of(Four, [], new GenerationOptions { Temperature = 0.5, TopK = 3, TopP = 0.9 });

        // The squares are 0.01, 0.25, 0.0225 and 0.0625. Of the first three 0.25 + 0.0625 are 93 %.
        Near([0.1, 0.5, 0.15, 0.25], next.Raw);
        Near([0.01 / 0.345, 0.25 / 0.345, 0.0225 / 0.345, 0.0625 / 0.345], next.Tempered);
        Near([0, 0.8, 0, 0.2], next.Kept);
        Assert.Contains(next.Drawn, new[] { 1, 3 });
    }

    [Fact]
    public void At_temperature_0_the_most_probable_token_has_it_all()
    {
        var next = NextTokenExplanation.Of(Four, [], new GenerationOptions { Temperature = 0 });

        Near([0.1, 0.5, 0.15, 0.25], next.Raw);
        Assert.Equal([0, 1, 0, 0], next.Tempered);
        Assert.Equal([0, 1, 0, 0], next.Kept);
        Assert.Equal(1, next.Drawn);
    }

    /// <summary>A penalty multiplies negative logits: 2 · ln 0.5 is ln 0.25.</summary>
    [Fact]
    public void A_penalty_comes_after_the_raw_probabilities()
    {
        var next = NextTokenExplanation.Of(Four, [1], new GenerationOptions { Temperature = 1, RepetitionPenalty = 2 });

        Near([0.1, 0.5, 0.15, 0.25], next.Raw);
        Near([0.1 / 0.75, 0.25 / 0.75, 0.15 / 0.75, 0.25 / 0.75], next.Tempered);
        Assert.Equal(next.Tempered, next.Kept);
    }

    [Fact]
    public void The_sampler_draws_as_often_as_it_says()
    {
        var options = new GenerationOptions { Temperature = 0.7, TopK = 3, Seed = 3 };
        var sampler = new Sampler(options, 4);

        double[] probabilities = sampler.Probabilities(Four);

        const int Draws = 20_000;
        var drawn = Enumerable.Range(0, Draws).Select(position => sampler.Next(Four, position)).CountBy(token => token).ToDictionary();
        for (var token = 0; token < 4; token++)
            Assert.Equal(probabilities[token], drawn.GetValueOrDefault(token) / (double)Draws, 0.014); // four deviations of a fair half
    }

    // Logits in float32 are right to about 1e-7.
    private static void Near(double[] expected, IReadOnlyList<double> actual)
        => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
}
