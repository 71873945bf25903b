using Inkling.Kernels;
using Inkling.Models;
using Inkling.Tensors;
using Inkling.Tests.Kernels;

namespace Inkling.Tests.Models;

/// <summary>What must be equal bit for bit, whatever goes through the model beside or after a token.</summary>
public sealed class GptTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    public static TheoryData<string> Kernels => [.. KernelVariants.All];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_changed_token_changes_no_earlier_logit(string kernels)
    {
        using var model = TinyModel.Create(variants[kernels]);
        int[] tokens = TinyModel.Tokens(16);
        var before = TinyModel.Forward(model, tokens);
        for (var position = 0; position < tokens.Length; position++)
        {
            int[] changed = [.. tokens];
            changed[position] = (tokens[position] + 1) % TinyModel.Config.VocabularySize;
            var after = TinyModel.Forward(model, changed);

            AssertSame(before, after, position);
            var V = TinyModel.Config.VocabularySize;
            Assert.NotEqual(before.Logits[0].GetRange(position * V, V), after.Logits[0].GetRange(position * V, V));
        }
    }

    /// <summary>One prefill, single tokens, and cuts in between.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_cached_pass_equals_the_full_one(string kernels)
    {
        using var model = TinyModel.Create(variants[kernels]);
        int[] tokens = TinyModel.Tokens(16);
        var full = TinyModel.Forward(model, tokens);
        int[][] splits = [[16], [.. Enumerable.Repeat(1, 16)], [15, 1], [1, 15], [8, 8], [5, 1, 1, 1, 7, 1], [3, 13]];
        foreach (var chunks in splits)
            AssertSame(full, TinyModel.ForwardCached(model, [tokens], chunks), 16);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_sequence_in_a_batch_equals_the_sequence_alone(string kernels)
    {
        using var model = TinyModel.Create(variants[kernels]);
        foreach (var T in new[] { 1, 3, 16 })
        {
            int[][] sequences = [.. Enumerable.Range(0, 7).Select(seed => TinyModel.Tokens(T, seed))];
            var together = TinyModel.Forward(model, sequences);
            var cached = TinyModel.ForwardCached(model, sequences, [.. Enumerable.Repeat(1, T)]);
            for (var b = 0; b < sequences.Length; b++)
            {
                var alone = TinyModel.Forward(model, sequences[b]);
                AssertSame(alone, new([together.Hidden[b]], [together.Logits[b]]), T);
                AssertSame(alone, new([cached.Hidden[b]], [cached.Logits[b]]), T);
            }
        }
    }

    [Fact]
    public void All_thread_counts_give_the_same_bits()
    {
        int[] tokens = TinyModel.Tokens(16);
        foreach (var pair in KernelVariants.Single.Where(name => name.EndsWith('1')))
        {
            using var one = TinyModel.Create(variants[pair]);
            using var two = TinyModel.Create(variants[pair[..^1] + "2"]);

            AssertSame(TinyModel.Forward(one, tokens), TinyModel.Forward(two, tokens), 16);
        }
    }

    /// <summary>An untrained model knows nothing: its loss is that of guessing, give or take the spread of the first weights.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(65)]
    [InlineData(1_000)]
    public void A_fresh_model_has_the_loss_of_guessing(int vocabularySize)
    {
        var kernels = variants[KernelVariants.ReferenceDouble];
        using var model = TinyModel.Create(kernels, TinyModel.Config with { VocabularySize = vocabularySize, InitialDeviation = 0.02, Head = HeadKind.Untied });
        int[] tokens = [.. Enumerable.Range(0, 16).Select(i => i * 7 % vocabularySize)];

        var logits = TinyModel.Forward(model, tokens).Logits[0];

        var losses = logits.Chunk(vocabularySize).Select((row, t) => Math.Log(row.Sum(Math.Exp)) - row[tokens[(t + 1) % 16]]);
        Assert.Equal(Math.Log(vocabularySize), losses.Average(), 0.05 * Math.Log(vocabularySize));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_loss_is_the_cross_entropy_of_the_logits(string kernels)
    {
        var device = variants[kernels];
        using var model = TinyModel.Create(device, TinyModel.Config with { Head = HeadKind.UntiedWithBias });
        int[] tokens = TinyModel.Tokens(16), targets = TinyModel.Tokens(16, seed: 1);
        targets[3] = -1;
        var logits = TinyModel.Forward(model, tokens).Logits[0];

        var view = device.Allocate(DType.Int32, 16).View(16, 1);
        device.Write<int>(view, targets);
        using var arena = new Arena(device);
        var step = new Step(device, arena);
        var losses = device.Matrix(16, 1);
        model.Loss(step, Hidden(step), view, device.Matrix(16, 1, [.. Enumerable.Repeat(0.5, 16)]), losses);

        double[] expected = [.. logits.Chunk(23).Select((row, t) => targets[t] < 0 ? 0 : 0.5 * (Math.Log(row.Sum(Math.Exp)) - row[targets[t]]))];
        foreach (var (wanted, actual) in expected.Zip(device.ReadNumbers(losses)))
            Assert.Equal(wanted, actual, 1e-5); // float32 logits of a size of about 1

        Tensor Hidden(Step step)
        {
            var ids = device.Allocate(DType.Int32, 16).View(16, 1);
            var positions = device.Allocate(DType.Int32, 16).View(16, 1);
            device.Write<int>(ids, tokens);
            device.Write<int>(positions, [.. Enumerable.Range(0, 16)]);
            return model.Forward(step, new TokenBatch(ids, positions, 1, 16));
        }
    }

    [Fact]
    public void A_full_cache_refuses_more()
    {
        var kernels = variants[KernelVariants.ReferenceDouble];
        using var model = TinyModel.Create(kernels);
        using var cache = model.CreateCache(batchSize: 3);
        cache.Advance(10);
        var rows = new Tensor(kernels.Matrix(3 * 7, 32), new Shape(3, 7, 32), 0);

        var error = Assert.Throws<InvalidOperationException>(() => cache.Append(new Step(kernels, new Arena(kernels)), layer: 0, rows, rows));

        Assert.Equal("A cache of 3 × 16 tokens that holds 10 has no room for 3 × 7 more.", error.Message);
    }

    [Fact]
    public void A_cache_keeps_only_tokens_that_it_has()
    {
        using var model = TinyModel.Create(variants[KernelVariants.ReferenceDouble]);
        using var cache = model.CreateCache();
        cache.Advance(10);

        cache.Truncate(7);

        Assert.Equal(7, cache.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Truncate(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Truncate(-1));
    }

    private static void AssertSame(TinyModel.Pass expected, TinyModel.Pass actual, int tokenCount)
    {
        var (C, V) = (TinyModel.Config.Width, TinyModel.Config.VocabularySize);
        Assert.Equal(expected.Hidden[0].Take(tokenCount * C), actual.Hidden[0].Take(tokenCount * C), BitComparer.Instance);
        Assert.Equal(expected.Logits[0].Take(tokenCount * V), actual.Logits[0].Take(tokenCount * V), BitComparer.Instance);
    }
}
