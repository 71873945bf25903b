using Inkling.Generation;
using Inkling.Generation.Explaining;
using Inkling.Kernels;
using Inkling.Models;
using Inkling.Tensors;
using Inkling.Tests.Models;

namespace Inkling.Tests.Generation.Explaining;

public sealed class ExplanationTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    public static TheoryData<string> Kernels => [.. KernelVariants.Single];

    /// <summary>What the attention kernel gave, caught inside the model, against weights and values as they are explained.</summary>
    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void The_weights_are_those_of_the_model(string variant)
    {
        using var model = TinyModel.Create(Fastest, GptVariants.Apply(TinyModel.Config, variant));
        int[] tokens = TinyModel.Tokens(12);
        var seen = Observe(model, tokens);

        var layers = Explanation.Of(model, tokens).Layers;

        for (var layer = 0; layer < layers.Count; layer++)
        {
            var attention = layers[layer].Attention;
            for (var query = 0; query < tokens.Length; query++)
            {
                var expected = seen[$"h.{layer}.attn.y"][query];
                var outputs = Enumerable.Range(0, model.Config.HeadCount).SelectMany(head => attention.Output(head, query));
                foreach (var (wanted, actual) in expected.Zip(outputs))
                    Assert.Equal(wanted, actual, 1e-5); // float32 sums of values of up to about 10
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Read_out_after_the_last_block_gives_the_logits_of_the_model(string kernels)
    {
        using var model = TinyModel.Create(variants[kernels]);
        int[] tokens = TinyModel.Tokens(12);
        var device = model.Parameters.Kernels;
        var output = Observe(model, tokens)[$"h.{model.Config.LayerCount - 1}.output"];
        using var arena = new Arena(device);
        var step = new Step(device, arena);
        var x = step.Allocate(new Shape(1, tokens.Length, model.Config.Width));
        device.Write<float>(x.View, [.. output.SelectMany(row => row)]);

        var logits = ForwardRecorder.Rows(device, model.ReadOut(step, x).View);

        Assert.Equal(TinyModel.Forward(model, tokens).Logits[0], logits.SelectMany(row => row).Select(logit => (double)logit));
        var explanation = Explanation.Of(model, tokens);
        Assert.Equal(logits[^1], explanation.Next.Logits);
        Assert.Equal(logits.Select(row => GeneratedToken.FromLogits(0, row, 5).Top), explanation.Layers[^1].Lens);
    }

    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void Tokens_and_positions_add_up_to_what_the_first_block_gets(string variant)
    {
        using var model = TinyModel.Create(Fastest, GptVariants.Apply(TinyModel.Config, variant));
        int[] tokens = TinyModel.Tokens(12);

        var embedding = Explanation.Of(model, tokens).Embedding;

        Assert.Equal(model.Config.Positions is PositionKind.Learned or PositionKind.Sinusoidal, embedding.Positions is not null);
        for (var position = 0; position < tokens.Length; position++)
        {
            var added = embedding.Positions?[position] ?? new float[model.Config.Width];
            Assert.Equal(embedding.Tokens[position].Zip(added, (token, place) => token + place), embedding.Output[position]);
        }
    }

    [Fact]
    public void The_token_drawn_is_the_first_that_the_generator_writes()
    {
        using var model = TinyModel.Create(Fastest);
        using var generator = new Generator(model);
        foreach (var seed in Enumerable.Range(0, 20))
        {
            var options = new GenerationOptions { Seed = (ulong)seed, TopK = seed % 4 * 3, TopP = 1 - (seed % 3 * 0.2), Temperature = seed % 5 * 0.4, Sequence = seed % 2, MinP = seed % 6 * 0.02, RepetitionPenalty = 1 + (seed % 7), PresencePenalty = 2 };
            int[] prompt = TinyModel.Tokens(1 + seed, seed);

            var next = Explanation.Of(model, prompt, options).Next;

            Assert.Equal(generator.Generate(prompt, options).First(), next.Drawn);
            Assert.True(next.Kept[next.Drawn] > 0);
        }
    }

    [Fact]
    public void Of_a_long_text_the_last_tokens_count()
    {
        using var model = TinyModel.Create(Fastest);
        int[] tokens = TinyModel.Tokens(40);

        var explanation = Explanation.Of(model, tokens);

        Assert.Equal(tokens[^16..], explanation.Tokens);
        Assert.Equal(Explanation.Of(model, tokens[^16..]).Next.Logits, explanation.Next.Logits);
    }

    [Fact]
    public void The_lens_names_as_many_tokens_as_it_is_asked_for_and_the_vocabulary_has()
    {
        using var model = TinyModel.Create(Fastest);

        Assert.All(Explanation.Of(model, [1, 2], lensCount: 3).Embedding.Lens, top => Assert.Equal(3, top.Count));
        Assert.All(Explanation.Of(model, [1, 2], lensCount: 100).Layers[0].Lens, top =>
        {
            Assert.Equal(23, top.Count);
            Assert.Equal(1, top.Sum(each => each.Probability), 1e-12);
        });
        Assert.Throws<ArgumentOutOfRangeException>(() => Explanation.Of(model, [1, 2], lensCount: 0));
    }

    [Fact]
    public void What_cannot_be_explained_is_refused()
    {
        using var model = TinyModel.Create(Fastest);
        using var inDouble = TinyModel.Create(variants[KernelVariants.ReferenceDouble]);

        Refuses("The prompt is empty; begin with at least one token, such as that of a line break.", () => Explanation.Of(model, []));
        Refuses("Token 23 at 0 of the prompt is outside the vocabulary; valid ids are 0 to 22.", () => Explanation.Of(model, [23]));
        Refuses("TopK is -1; it must be 0 or more.", () => Explanation.Of(model, [1], new GenerationOptions { TopK = -1 }));
        Refuses(
            "An explanation reads Float32 numbers; a model on reference (Float64, scalar, 1 thread) has Float64.",
            () => Explanation.Of(inDouble, [1]));

        static void Refuses(string message, Action explain)
            => Assert.StartsWith(message, Assert.Throws<ArgumentException>(explain).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_model_is_named_as_the_reason()
    {
        using var model = TinyModel.Create(Fastest);
        Fastest.Fill(model.Parameters.Parameters[0].Value, double.NaN);
        model.Parameters.Invalidate();

        Assert.Throws<InvalidLogitsException>(() => Explanation.Of(model, [1]));
    }

    private IKernels Fastest => variants[KernelVariants.Single[0]];

    private static ForwardRecorder Observe(Gpt model, int[] tokens)
    {
        var (kernels, T) = (model.Parameters.Kernels, tokens.Length);
        var seen = new ForwardRecorder(kernels);
        using var arena = new Arena(kernels);
        using var ids = kernels.Allocate(DType.Int32, T);
        using var positions = kernels.Allocate(DType.Int32, T);
        kernels.Write<int>(ids.View(T, 1), tokens);
        kernels.Write<int>(positions.View(T, 1), [.. Enumerable.Range(0, T)]);
        model.Forward(new Step(kernels, arena) { Probe = seen }, new TokenBatch(ids.View(T, 1), positions.View(T, 1), 1, T));
        return seen;
    }
}
