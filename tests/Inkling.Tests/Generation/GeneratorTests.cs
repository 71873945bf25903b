using Inkling.Generation;
using Inkling.Kernels;
using Inkling.Tests.Models;

namespace Inkling.Tests.Generation;

public sealed class GeneratorTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    private const int T = 16; // the context of a tiny model

    private static readonly GenerationOptions Greedy = new() { Temperature = 0, TokenCount = 40 };

    /// <summary>Kernels and window rule.</summary>
    public static IEnumerable<object[]> Runs =>
        from kernels in KernelVariants.Single
        from rule in Enum.GetValues<WindowRule>()
        select new object[] { kernels, rule };

    /// <summary>Prompts shorter than the context, equal to it and longer; the text outgrows the context at least three times.</summary>
    [Theory]
    [MemberData(nameof(Runs))]
    public void The_fast_generator_writes_what_the_slow_one_writes(string kernels, WindowRule rule)
    {
        using var model = TinyModel.Create(variants[kernels]);
        using var generator = new Generator(model);
        for (var seed = 0; seed < 3; seed++)
        {
            foreach (var length in new[] { 1, 9, T, T + 1, 40 })
            {
                int[] prompt = TinyModel.Tokens(length, seed);
                var options = new GenerationOptions { TokenCount = 4 * T, Temperature = 1, Seed = (ulong)seed, Window = rule };
                options = seed == 0
                    ? options with { MinP = 0.02, RepetitionPenalty = 1.2, PresencePenalty = 0.3, FrequencyPenalty = 0.2 }
                    : options with { TopK = 20, TopP = 0.95 };

                Assert.Equal(SlowGenerator.Generate(model, prompt, options), generator.Generate(prompt, options));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_smallest_contexts_work(int contextLength)
    {
        using var model = TinyModel.Create(Fastest, TinyModel.Config with { ContextLength = contextLength });
        using var generator = new Generator(model);
        foreach (var rule in Enum.GetValues<WindowRule>())
        {
            var options = new GenerationOptions { TokenCount = 20, Window = rule };

            Assert.Equal(SlowGenerator.Generate(model, [1, 2, 3, 4, 5], options), generator.Generate([1, 2, 3, 4, 5], options));
        }
    }

    [Fact]
    public void A_vocabulary_of_one_token_works()
    {
        using var model = TinyModel.Create(Fastest, TinyModel.Config with { VocabularySize = 1 });
        using var generator = new Generator(model);

        Assert.Equal(new int[40], generator.Generate([0], Greedy with { Temperature = 1 }));
    }

    [Fact]
    public void A_full_window_goes_on_as_if_its_last_half_were_the_prompt()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] prompt = TinyModel.Tokens(T);

        int[] text = [.. prompt, .. generator.Generate(prompt, Greedy with { TokenCount = 10 })];

        // The first new token overflows the window; the nine after it see the last eight, then nine, … of the text.
        Assert.Equal(text[(T + 1)..], generator.Generate(text[(T + 1 - (T / 2))..(T + 1)], Greedy with { TokenCount = 9 }));
    }

    [Fact]
    public void An_exact_window_is_always_the_last_of_the_text()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] prompt = TinyModel.Tokens(T);

        int[] text = [.. prompt, .. generator.Generate(prompt, Greedy with { Window = WindowRule.Exact })];

        for (var end = T; end < text.Length; end++)
            Assert.Equal(text[end], generator.Generate(text[(end - T)..end], Greedy with { TokenCount = 1 }).Single());
    }

    [Fact]
    public void Of_a_long_prompt_the_last_tokens_count()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] prompt = TinyModel.Tokens(100);
        int[] expected = [.. generator.Generate(prompt[^T..], Greedy)];

        Assert.Equal(expected, generator.Generate(prompt, Greedy));

        // For the repetition penalty as well.
        var penalized = Greedy with { RepetitionPenalty = 2 };
        expected = [.. generator.Generate(prompt[^T..], penalized)];
        Assert.Equal(expected, generator.Generate(prompt, penalized));
    }

    [Fact]
    public void Options_that_are_off_change_nothing()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        var options = new GenerationOptions { TokenCount = 50, Temperature = 1 };
        int[] text = [.. generator.Generate([1], options)];

        Assert.Equal(text, generator.Generate([1], options with { MinP = 0, RepetitionPenalty = 1, PresencePenalty = 0, FrequencyPenalty = 0 }));
        Assert.All(
            [options with { MinP = 0.2 }, options with { RepetitionPenalty = 1.5 }, options with { PresencePenalty = 1 }, options with { FrequencyPenalty = 1 }],
            changed => Assert.NotEqual(text, generator.Generate([1], changed)));
    }

    /// <summary>An oracle of its own: the whole text through the model, its logits penalised and sampled by hand.</summary>
    [Theory]
    [InlineData(1.5, 0, 0)]
    [InlineData(0.7, 0, 0)]
    [InlineData(1, 0.8, 0)]
    [InlineData(1, 0, 0.6)]
    [InlineData(1.2, -0.5, 0.3)]
    public void Penalties_are_those_of_their_definitions(double repetition, double presence, double frequency)
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        var options = Greedy with { TokenCount = 12, RepetitionPenalty = repetition, PresencePenalty = presence, FrequencyPenalty = frequency };
        int[] prompt = [3, 5, 3];

        int[] text = [.. generator.Generate(prompt, options)];

        for (var position = 0; position < text.Length; position++)
        {
            int[] before = [.. prompt, .. text[..position]];
            double[] logits = [.. TinyModel.Forward(model, before).Logits[0].TakeLast(TinyModel.Config.VocabularySize)];
            for (var token = 0; token < logits.Length; token++)
            {
                if (before.Contains(token))
                    logits[token] *= logits[token] < 0 ? repetition : 1 / repetition;

                var count = text[..position].Count(other => other == token);
                logits[token] -= (count * frequency) + (count > 0 ? presence : 0);
            }

            Assert.Equal(Array.IndexOf(logits, logits.Max()), text[position]);
        }
    }

    [Fact]
    public void Probabilities_are_those_of_the_model_whatever_the_options()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        var options = new GenerationOptions { TokenCount = T - 2, Temperature = 0.5, TopK = 5, RepetitionPenalty = 3, PresencePenalty = 1 };
        int[] prompt = [3, 5];
        int[] text = [.. generator.Generate(prompt, options)];

        GeneratedToken[] tokens = [.. generator.GenerateWithProbabilities(prompt, 4, options)];

        Assert.Equal(text, tokens.Select(token => token.Token));
        var logits = TinyModel.Forward(model, [.. prompt, .. text]).Logits[0].Chunk(TinyModel.Config.VocabularySize).Skip(prompt.Length - 1);
        Assert.All(tokens.Zip(logits), pair =>
        {
            var normalizer = Math.Log(pair.Second.Sum(Math.Exp));
            Assert.Equal(pair.Second[pair.First.Token] - normalizer, pair.First.LogProbability, 1e-12);
            Assert.Equal(pair.Second.Index().OrderByDescending(logit => logit.Item).Take(4).Select(logit => logit.Index), pair.First.Top.Select(top => top.Token));
            Assert.All(pair.First.Top, top => Assert.Equal(pair.Second[top.Token] - normalizer, top.LogProbability, 1e-12));
        });
    }

    [Fact]
    public void As_many_probable_tokens_are_named_as_were_asked_for_and_exist()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);

        Assert.Empty(Top(0));
        Assert.Single(Top(1));
        Assert.Equal(1, Top(int.MaxValue).Sum(top => Math.Exp(top.LogProbability)), 1e-12);
        Assert.Equal(TinyModel.Config.VocabularySize, Top(int.MaxValue).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.GenerateWithProbabilities([1], -1));
        Assert.Throws<ArgumentException>(() => generator.GenerateWithProbabilities([], 1));

        IReadOnlyList<TokenProbability> Top(int count) => generator.GenerateWithProbabilities([1], count, Greedy).First().Top;
    }

    [Fact]
    public void Equally_probable_tokens_are_named_by_id_and_impossible_ones_last()
    {
        var token = GeneratedToken.FromLogits(1, [2, float.NegativeInfinity, 3, 2, 3, 2], 9);

        Assert.Equal([2, 4, 0, 3, 5, 1], token.Top.Select(top => top.Token));
        Assert.Equal(double.NegativeInfinity, token.LogProbability);
        Assert.Equal([2, 4, 0], GeneratedToken.FromLogits(1, [2, float.NegativeInfinity, 3, 2, 3, 2], 3).Top.Select(top => top.Token));
        Assert.Equal(Math.Log(0.5), GeneratedToken.FromLogits(0, [float.MaxValue, float.MaxValue], 0).LogProbability, 1e-12);
    }

    [Fact]
    public void The_same_seed_gives_the_same_text_and_another_or_another_sequence_gives_another()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] prompt = [1];
        var options = new GenerationOptions { TokenCount = 30 };
        int[] text = [.. generator.Generate(prompt, options)];

        Assert.Equal(text, generator.Generate(prompt, options));
        Assert.NotEqual(text, generator.Generate(prompt, options with { Seed = 1 }));
        Assert.NotEqual(text, generator.Generate(prompt, options with { Sequence = 1 }));
        Assert.Equal(500, generator.Generate(prompt).Count());
    }

    /// <summary>Prompts that share all, some or nothing with the text before, shorter and longer than the context, and the window moves.</summary>
    [Fact]
    public void What_was_written_before_changes_nothing()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] text = [.. TinyModel.Tokens(8), .. generator.Generate(TinyModel.Tokens(8), Greedy with { TokenCount = 5 })];
        int[][] prompts =
        [
            text, text, text[..4], [.. text[..4], 22, 21], [1], [1, 2], text[1..], [.. text, .. text, .. text], text[..8], [.. text, .. text[..3]],
        ];
        foreach (var prompt in prompts)
        {
            foreach (var rule in Enum.GetValues<WindowRule>())
            {
                using var fresh = new Generator(model);
                var options = Greedy with { TokenCount = 6, Window = rule };

                Assert.Equal(fresh.Generate(prompt, options), generator.Generate(prompt, options));
                Assert.Equal(fresh.Generate(prompt, options), generator.Generate(prompt, options with { Sequence = 1 }));
            }
        }
    }

    [Fact]
    public void What_a_prompt_shares_with_the_last_text_is_not_computed_again()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] prompt = TinyModel.Tokens(8);
        int[] text = [.. generator.Generate(prompt, Greedy with { TokenCount = 6 })];

        // Nobody is told, so that only who computes the first position again finds out.
        Fastest.Fill(model.Parameters.Parameters.Single(parameter => parameter.Name == "wpe.weight").Value.SliceRows(0, 1), double.NaN);

        Assert.Equal(text, generator.Generate(prompt, Greedy with { TokenCount = 6 }));
        Assert.Equal(text[2..], generator.Generate([.. prompt, .. text[..2]], Greedy with { TokenCount = 4 }));
        model.Parameters.Invalidate();
        Assert.Throws<InvalidLogitsException>(() => generator.Generate(prompt, Greedy).First());
    }

    [Fact]
    public void A_model_that_has_changed_sees_the_prompt_anew()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] prompt = TinyModel.Tokens(8);
        int[] before = [.. generator.Generate(prompt, Greedy)];

        model.Parameters.Initialize(seed: 2);

        using var fresh = new Generator(model);
        Assert.NotEqual(before, generator.Generate(prompt, Greedy));
        Assert.Equal(fresh.Generate(prompt, Greedy), generator.Generate(prompt, Greedy));
    }

    [Fact]
    public void No_token_is_computed_before_it_is_asked_for()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        int[] text = [.. generator.Generate([1], Greedy)];

        Assert.Equal(text[..3], generator.Generate([1], Greedy with { TokenCount = int.MaxValue }).Take(3));
        Assert.Empty(generator.Generate([1], Greedy with { TokenCount = 0 }));
    }

    [Fact]
    public void A_text_that_was_left_for_another_cannot_be_continued()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        using var first = generator.Generate([1], Greedy).GetEnumerator();
        first.MoveNext();
        generator.Generate([2], Greedy).First();

        var error = Assert.Throws<InvalidOperationException>(() => first.MoveNext());

        Assert.Equal("This generator has begun another text; use one generator for each text at a time.", error.Message);
    }

    [Fact]
    public void A_prompt_that_no_model_can_continue_is_refused_at_once()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);

        AssertRefused("The prompt is empty; begin with at least one token, such as that of a line break.");
        AssertRefused("Token 23 at 1 of the prompt is outside the vocabulary; valid ids are 0 to 22.", 22, 23);
        AssertRefused("Token -1 at 0 of the prompt is outside the vocabulary; valid ids are 0 to 22.", -1);
        Assert.Throws<ArgumentException>(() => generator.Generate([1], Greedy with { TopP = 2 }));

        void AssertRefused(string message, params int[] prompt)
        {
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => generator.Generate(prompt, Greedy)).Message, StringComparison.Ordinal);
            Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => SlowGenerator.Generate(model, prompt, Greedy)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_model_in_double_is_refused()
    {
        using var model = TinyModel.Create(variants[KernelVariants.ReferenceDouble]);

        Assert.Equal(
            "Generation reads Float32 logits; a model on reference (Float64, scalar, 1 thread) has Float64.",
            Assert.Throws<ArgumentException>(() => new Generator(model)).Message);
    }

    [Fact]
    public void A_damaged_model_is_named_as_the_reason()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        Fastest.Fill(model.Parameters.Parameters[0].Value, double.NaN);
        model.Parameters.Invalidate();

        Assert.Throws<InvalidLogitsException>(() => generator.Generate([1], Greedy).First());
    }

    /// <summary>Several windows, prefills included, after a text that was as long.</summary>
    [Fact]
    public void A_warm_generator_takes_no_native_memory_and_no_managed_per_token()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        var options = new GenerationOptions { TokenCount = 1_000, TopK = 5, TopP = 0.9, MinP = 0.1, RepetitionPenalty = 1.1, FrequencyPenalty = 0.1 };
        var checksum = generator.Generate([1], options).Sum();

        // What other tests have left is given back now, and not while this one counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (native, managed) = (Fastest.AllocatedBytes, GC.GetAllocatedBytesForCurrentThread());

        Assert.Equal(checksum, generator.Generate([1], options).Sum());

        Assert.Equal(native, Fastest.AllocatedBytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, 4_096);
    }

    private IKernels Fastest => variants[KernelVariants.Single[0]];
}
