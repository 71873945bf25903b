using Inkling.Formats;
using Inkling.Generation;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Reference;
using Inkling.Models;
using Inkling.Tests.Formats;
using Inkling.Tests.Kernels;
using Inkling.Tests.Training;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Tests.Models;

/// <summary>The laws of GPT-2 hold for every member of the family.</summary>
public sealed class GptVariantTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    private const int StepCount = 3;

    private static readonly TrainingOptions Options = TinyTraining.Options with { BatchSize = 2, Steps = StepCount, WarmupSteps = 1, LearningRate = 1e-2 };

    /// <summary>A few steps of training with every kind of kernels and number of threads, then the weights.</summary>
    [Theory]
    [MemberData(nameof(GptVariants.All), MemberType = typeof(GptVariants))]
    public void A_variant_trains_to_the_same_bits_with_any_number_of_threads(string variant)
    {
        var config = GptVariants.Apply(TinyTraining.Model, variant);
        foreach (var set in CpuKernels.Supported)
        {
            var one = TinyTraining.Train(variants[$"{set} 1"], config, Options, StepCount);
            var two = TinyTraining.Train(variants[$"{set} 2"], config, Options, StepCount);

            Assert.DoesNotContain(one, float.IsNaN);
            Assert.Equal(one, two);
        }
    }

    /// <summary>Float32 kernels and the double reference train alike: gradients are right wherever those of the reference are.</summary>
    [Theory]
    [MemberData(nameof(GptVariants.All), MemberType = typeof(GptVariants))]
    public void A_variant_trains_as_the_reference_does(string variant)
    {
        var config = GptVariants.Apply(TinyTraining.Model, variant);
        var expected = TinyTraining.Train(new ReferenceKernels<float>(), config, Options, StepCount);
        var actual = TinyTraining.Train(variants[$"{CpuKernels.Supported[^1]} 2"], config, Options, StepCount);

        // Adam divides by the size of the gradient, so that where it is nearly zero its rounding decides; the learning rate bounds that.
        var apart = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Order().ToArray();
        Assert.True(apart[(int)(0.99 * apart.Length)] < 1e-4, $"99 % are within {apart[(int)(0.99 * apart.Length)]}");
        Assert.True(apart[^1] <= 2 * StepCount * Options.LearningRate, $"the largest difference is {apart[^1]}");
    }

    [Theory]
    [MemberData(nameof(GptVariants.All), MemberType = typeof(GptVariants))]
    public void Cached_is_full_and_the_fast_generator_writes_what_the_slow_one_writes(string variant)
    {
        using var model = TinyModel.Create(variants[KernelVariants.Single[^2]], GptVariants.Apply(TinyModel.Config, variant));
        int[] tokens = TinyModel.Tokens(16);
        var full = TinyModel.Forward(model, tokens);
        foreach (int[] chunks in new int[][] { [.. Enumerable.Repeat(1, 16)], [5, 1, 1, 1, 7, 1] })
        {
            var cached = TinyModel.ForwardCached(model, [tokens], chunks);
            Assert.Equal(full.Logits[0], cached.Logits[0], BitComparer.Instance);
        }

        using var generator = new Generator(model);
        var options = new GenerationOptions { TokenCount = 30, Temperature = 1, Seed = 3 };
        Assert.Equal(SlowGenerator.Generate(model, tokens[..4], options), generator.Generate(tokens[..4], options));
    }

    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void Cached_is_full_in_bfloat16(string variant)
    {
        var config = GptVariants.Apply(TinyModel.Config, variant);
        int[][] sequences = [TinyModel.Tokens(16), TinyModel.Tokens(16, seed: 1)];
        foreach (var set in CpuKernels.Supported)
        {
            using var model = TinyModel.Create(variants[$"{set} 2"], config, precision: Precision.Bfloat16);
            var full = TinyModel.Forward(model, sequences);
            foreach (int[] chunks in new int[][] { [.. Enumerable.Repeat(1, 16)], [5, 1, 1, 1, 7, 1] })
            {
                var cached = TinyModel.ForwardCached(model, sequences, chunks);
                Assert.Equal(full.Logits[0], cached.Logits[0], BitComparer.Instance);
                Assert.Equal(full.Logits[1], cached.Logits[1], BitComparer.Instance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(GptVariants.All), MemberType = typeof(GptVariants))]
    public void A_variant_that_is_saved_and_loaded_writes_the_same_text(string variant)
    {
        var kernels = variants[KernelVariants.Single[^2]];
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Create(kernels, GptVariants.Apply(TinyModel.Config, variant));
        ModelFolder.Save(folder.Path, model, CharacterTokenizer.Train("abcdefghijklmnopqrstuvw"u8));
        using var loaded = ModelFolder.Load(folder.Path, kernels);

        Assert.Equal(model.Config, loaded.Model.Config);
        Assert.Equal(Written(model), Written(loaded.Model));

        static int[] Written(Gpt model)
        {
            using var generator = new Generator(model);
            return [.. generator.Generate([1, 2, 3], new GenerationOptions { TokenCount = 20, Temperature = 1 })];
        }
    }

    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void A_changed_token_changes_no_earlier_logit_and_none_beyond_the_windows(string variant)
    {
        var config = GptVariants.Apply(TinyModel.Config, variant);
        using var model = TinyModel.Create(variants[KernelVariants.ReferenceDouble], config);
        int[] tokens = TinyModel.Tokens(16), changed = [.. tokens];
        changed[4] = (tokens[4] + 1) % config.VocabularySize;
        var (before, after) = (TinyModel.Forward(model, tokens).Logits[0], TinyModel.Forward(model, changed).Logits[0]);

        // Through L layers a token is felt up to L·(W − 1) places later.
        var reach = config.AttentionWindow == 0 ? 16 : 4 + (config.LayerCount * (config.AttentionWindow - 1)) + 1;
        var V = config.VocabularySize;
        Assert.Equal(before.Take(4 * V), after.Take(4 * V));
        Assert.NotEqual(before.Skip(4 * V).Take(V), after.Skip(4 * V).Take(V));
        Assert.Equal(before.Skip(reach * V), after.Skip(reach * V));
    }

    /// <summary>What makes rotary positions: scores depend on distances alone.</summary>
    [Fact]
    public void Without_learned_positions_a_window_sees_the_same_wherever_it_stands()
    {
        var config = GptVariants.Apply(TinyModel.Config, "rotary") with { LayerCount = 1, AttentionWindow = 3 };
        using var model = TinyModel.Create(variants[KernelVariants.ReferenceDouble], config);
        int[] pattern = [5, 2, 9], tokens = [.. pattern, .. pattern, .. pattern, .. pattern];
        var logits = TinyModel.Forward(model, tokens).Logits[0].Chunk(config.VocabularySize).ToArray();

        foreach (var (early, late) in logits[2].Zip(logits[11]))
            Assert.Equal(early, late, 1e-12);
    }

    /// <summary>An untrained model knows nothing: its loss is that of guessing, give or take the spread of the first weights.</summary>
    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void A_fresh_variant_has_the_loss_of_guessing(string variant)
    {
        const int V = 65;
        var config = GptVariants.Apply(TinyModel.Config with { VocabularySize = V, InitialDeviation = 0.02, Head = HeadKind.Untied }, variant);
        using var model = TinyModel.Create(variants[KernelVariants.ReferenceDouble], config);
        int[] tokens = [.. Enumerable.Range(0, 16).Select(i => i * 7 % V)];

        var logits = TinyModel.Forward(model, tokens).Logits[0];

        var losses = logits.Chunk(V).Select((row, t) => Math.Log(row.Sum(Math.Exp)) - row[tokens[(t + 1) % 16]]);
        Assert.Equal(Math.Log(V), losses.Average(), 0.05 * Math.Log(V));
    }
}
