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
                var options = new GenerationOptions { TokenCount = 4 * T, Temperature = 1, TopK = 20, TopP = 0.95, Seed = (ulong)seed, Window = rule };

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
        var options = new GenerationOptions { TokenCount = 1_000, TopK = 5, TopP = 0.9 };
        var checksum = generator.Generate([1], options).Sum();
        var (native, managed) = (Fastest.AllocatedBytes, GC.GetAllocatedBytesForCurrentThread());

        Assert.Equal(checksum, generator.Generate([1], options).Sum());

        Assert.Equal(native, Fastest.AllocatedBytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, 4_096);
    }

    private IKernels Fastest => variants[KernelVariants.Single[0]];
}
