using FsCheck.Fluent;
using Inkling.Data;
using Inkling.Kernels;
using Inkling.Tests.Text;

namespace Inkling.Tests.Data;

public sealed class WindowSamplerTests
{
    // A text that counts upwards: the ids are the positions.
    private static readonly TokenData Counting = TokenData.From([.. Enumerable.Range(0, 1_000)], 1_000);

    [Fact]
    public void A_target_is_the_token_after_its_input()
    {
        var sampler = new WindowSampler(Counting, 8, seed: 1, RandomPurpose.Windows);
        var inputs = new int[4 * 8];
        var targets = new int[4 * 8];
        sampler.Fill(step: 3, firstRow: 0, rowCount: 4, inputs, targets);

        for (int row = 0; row < 4; row++)
        {
            int start = (int)sampler.StartOf(3, row);
            Assert.Equal(Enumerable.Range(start, 8), inputs[(row * 8)..((row + 1) * 8)]);
        }

        Assert.Equal(inputs.Select(token => token + 1), targets);
    }

    [Fact]
    public void A_batch_is_the_same_however_its_rows_are_divided_over_calls() =>
        Law.Holds(Gen.Choose(0, 12).Zip(Gen.Choose(0, 1_000_000), (cut, step) => (cut, step)), sample =>
        {
            const int B = 12, T = 5;
            var whole = (inputs: new int[B * T], targets: new int[B * T]);
            var parts = (inputs: new int[B * T], targets: new int[B * T]);
            int cut = sample.cut;
            NewSampler().Fill(sample.step, 0, B, whole.inputs, whole.targets);
            NewSampler().Fill(sample.step, cut, B - cut, parts.inputs.AsSpan(cut * T), parts.targets.AsSpan(cut * T));
            NewSampler().Fill(sample.step, 0, cut, parts.inputs.AsSpan(0, cut * T), parts.targets.AsSpan(0, cut * T));
            return whole.inputs.SequenceEqual(parts.inputs) && whole.targets.SequenceEqual(parts.targets);

            static WindowSampler NewSampler() => new(Counting, T, seed: 7, RandomPurpose.Windows);
        });

    [Fact]
    public void Seed_step_row_and_purpose_each_change_the_draw()
    {
        // Each list has 20 draws from 992 places: that two agree throughout has a chance of 10^-59.
        long[] draws = Draws(1, 0, RandomPurpose.Windows);

        Assert.Equal(draws, Draws(1, 0, RandomPurpose.Windows));
        Assert.NotEqual(draws, Draws(2, 0, RandomPurpose.Windows));
        Assert.NotEqual(draws, Draws(1 + (1UL << 32), 0, RandomPurpose.Windows));
        Assert.NotEqual(draws, Draws(1, 1, RandomPurpose.Windows));
        Assert.NotEqual(draws, Draws(1, 0, RandomPurpose.Evaluation));
        Assert.True(draws.Distinct().Count() > 10);

        static long[] Draws(ulong seed, long step, RandomPurpose purpose)
        {
            var sampler = new WindowSampler(Counting, 8, seed, purpose);
            return [.. Enumerable.Range(0, 20).Select(row => sampler.StartOf(step, row))];
        }
    }

    [Fact]
    public void All_places_are_equally_likely()
    {
        // 10 tokens in windows of 3 leave the places 0 to 6. With 6 degrees of freedom, chi-square has mean 6 and
        // exceeds 22.5 once in a thousand; the seed is fixed, so the test cannot flicker.
        var sampler = new WindowSampler(TokenData.From([.. Enumerable.Range(0, 10)], 10), 3, seed: 42, RandomPurpose.Windows);
        var counts = new int[7];
        for (int step = 0; step < 700; step++)
        {
            for (int row = 0; row < 100; row++)
                counts[sampler.StartOf(step, row)]++;
        }

        const double Expected = 10_000;
        Assert.InRange(counts.Sum(count => (count - Expected) * (count - Expected) / Expected), 0, 22.5);
    }

    [Fact]
    public void The_shortest_text_has_one_window()
    {
        var inputs = new int[3];
        var targets = new int[3];
        new WindowSampler(TokenData.From([5, 6, 7, 8], 9), 3, seed: 0, RandomPurpose.Windows).Fill(0, 0, 1, inputs, targets);

        Assert.Equal([5, 6, 7], inputs);
        Assert.Equal([6, 7, 8], targets);
    }

    [Fact]
    public void A_text_without_a_whole_window_is_refused()
    {
        TokenData data = TokenData.From([0, 1, 2], 3);

        Assert.Equal(
            "Windows of 3 tokens need at least 4 tokens of text, but there are 3.",
            Assert.Throws<CorpusException>(() => new WindowSampler(data, 3, 0, RandomPurpose.Windows)).Message);
        Assert.Equal(
            "Windows of 2147483647 tokens need at least 2147483648 tokens of text, but there are 3.",
            Assert.Throws<CorpusException>(() => new WindowSampler(data, int.MaxValue, 0, RandomPurpose.Windows)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowSampler(data, 0, 0, RandomPurpose.Windows));
    }

    [Fact]
    public void Spans_of_another_size_are_refused()
    {
        var sampler = new WindowSampler(Counting, 8, 0, RandomPurpose.Windows);

        Assert.Equal(
            "2 rows of 8 tokens need spans of 16, not 16 inputs and 15 targets.",
            Assert.Throws<ArgumentException>(() => sampler.Fill(0, 0, 2, new int[16], new int[15])).Message);
        Assert.Throws<ArgumentException>(() => sampler.Fill(0, 0, -1, [], []));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1L << 32, 0)]
    [InlineData(0, -1)]
    public void A_step_takes_32_bits_and_a_row_is_not_negative(long step, int row)
    {
        var sampler = new WindowSampler(Counting, 8, 0, RandomPurpose.Windows);

        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.StartOf(step, row));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Fill(step, row, 1, new int[8], new int[8]));
    }
}
