using System.Text;
using Inkling.Data;
using Inkling.Generation;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Tests.Kernels;
using Inkling.Tests.Models;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>The gate of the estimate: the plan and the kernels hold the same bytes after every call.</summary>
public sealed class TrainingMemoryTests
{
    [Theory]
    [MemberData(nameof(GptVariants.All), MemberType = typeof(GptVariants))]
    public void The_plan_holds_what_the_kernels_hold(string variant)
        => AssertSame(GptVariants.Apply(TinyTraining.Model, variant), TinyTraining.Options, new CpuOptions { ThreadCount = 1 });

    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void It_does_when_blocks_are_computed_again(string variant)
        => AssertSame(GptVariants.Apply(TinyTraining.Model, variant), TinyTraining.Options with { Recompute = true }, new CpuOptions { ThreadCount = 2 });

    public static TheoryData<InstructionSet, int, int, int> Options
    {
        get
        {
            var data = new TheoryData<InstructionSet, int, int, int>();
            foreach (var set in CpuKernels.Supported)
            {
                foreach (var (threads, batch, microBatch) in new[] { (1, 1, 0), (2, 8, 0), (3, 8, 3), (2, 5, 1), (1, 24, 0) })
                {
                    data.Add(set, threads, batch, microBatch);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void It_does_for_all_kernels_and_batches(InstructionSet set, int threads, int batch, int microBatch)
    {
        var training = TinyTraining.Options with { BatchSize = batch, MicroBatchSize = microBatch };
        AssertSame(TinyTraining.Model, training, new CpuOptions { InstructionSet = set, ThreadCount = threads });
    }

    public static TheoryData<string, int, int, int> Bfloat16Options
    {
        get
        {
            var data = new TheoryData<string, int, int, int>();
            foreach (var variant in CpuKernelsFixture.Variants(Precision.Bfloat16))
            {
                foreach (var (threads, batch, microBatch) in new[] { (1, 1, 0), (3, 8, 3) })
                {
                    data.Add(variant, threads, batch, microBatch);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Bfloat16Options))]
    public void It_does_in_bfloat16(string variant, int threads, int batch, int microBatch)
    {
        var training = TinyTraining.Options with { BatchSize = batch, MicroBatchSize = microBatch, Precision = Precision.Bfloat16 };
        AssertSame(TinyTraining.Model, training, CpuKernelsFixture.Options(variant, threads));
    }

    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void It_does_in_bfloat16_whatever_the_shape(string variant)
    {
        var training = TinyTraining.Options with { Recompute = true, Precision = Precision.Bfloat16 };
        AssertSame(GptVariants.Apply(TinyTraining.Model, variant), training, new CpuOptions { ThreadCount = 2 });
    }

    /// <summary>Wide enough for weights that are packed where they are used, for gradients that are packed, and for several passes of them.</summary>
    [Theory]
    [InlineData(0, Precision.Float32, true)]
    [InlineData(2, Precision.Float32, true)]
    [InlineData(0, Precision.Bfloat16, true)]
    [InlineData(2, Precision.Bfloat16, true)]
    [InlineData(0, Precision.Bfloat16, false)]
    public void It_does_for_large_weights(int microBatch, Precision precision, bool usesMachineCode)
    {
        var model = TinyTraining.Model with { LayerCount = 1, HeadCount = 8, Width = 520, ContextLength = 100 };
        var training = TinyTraining.Options with { BatchSize = 5, MicroBatchSize = microBatch, Precision = precision };
        AssertSame(model, training, new CpuOptions { ThreadCount = 2, UsesMachineCode = usesMachineCode });
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(8, 3)]
    public void Many_micro_batches_take_no_more_than_those_that_are_played_through(int batch, int microBatch)
    {
        var cpu = new CpuOptions { ThreadCount = 2 };
        var training = TinyTraining.Options with { BatchSize = batch, MicroBatchSize = microBatch };
        var longer = training with { BatchSize = batch + (3 * training.EffectiveMicroBatchSize), MicroBatchSize = training.EffectiveMicroBatchSize };
        var (estimate, more) = (TrainingMemory.Estimate(TinyTraining.Model, training, cpu), TrainingMemory.Estimate(TinyTraining.Model, longer, cpu));

        Assert.Equal(microBatch == 0 ? estimate.TotalBytes : more.TotalBytes, estimate.TotalBytes);
        Assert.InRange(estimate.ActivationBytes / more.ActivationBytes, 0.99, 1.01);
    }

    [Fact]
    public void The_parts_are_those_of_the_model()
    {
        var corpus = new TextCorpus("corpus", Encoding.UTF8.GetBytes(TinyTraining.Text));
        var estimate = TrainingMemory.Estimate(TinyTraining.Model, TinyTraining.Options, corpus: corpus);

        Assert.InRange(estimate.WeightBytes / new GptCost(TinyTraining.Model).ParameterBytes, 1, 1.02); // gaps for alignment
        Assert.Equal(estimate.WeightBytes, estimate.GradientBytes);
        Assert.Equal(2 * estimate.WeightBytes, estimate.MomentBytes);
        Assert.Equal(3.0 * corpus.ByteCount, estimate.CorpusBytes);
        Assert.False(estimate.IsLowerBound);
        Assert.Equal(
            estimate.TotalBytes - estimate.ProcessBytes - estimate.CorpusBytes - (4 * estimate.WeightBytes),
            estimate.PackedWeightBytes + estimate.ActivationBytes + estimate.WorkspaceBytes);
    }

    [Theory]
    [InlineData(4_096, 1 << 20, 1)]
    [InlineData(4_096, 16, TrainingOptions.MaximumCount)]
    public void What_no_machine_has_is_bounded_from_below_at_once(int layerCount, int width, int batch)
    {
        var model = new GptConfig { LayerCount = layerCount, Width = width, HeadCount = 16 };
        var estimate = TrainingMemory.Estimate(model, TinyTraining.Options with { BatchSize = batch });

        Assert.True(estimate.IsLowerBound);
        Assert.InRange(estimate.TotalBytes, 1e14, 1e19);
    }

    /// <summary>Beyond 2^16 tokens at once nothing is played through any more.</summary>
    [Fact]
    public void Very_large_batches_go_on_where_large_ones_end()
    {
        var model = TinyTraining.Model with { ContextLength = 1_024 };
        double Activations(int batch) => TrainingMemory.Estimate(model, TinyTraining.Options with { BatchSize = batch }).ActivationBytes;

        Assert.InRange(Activations(65) / Activations(64), 1.01, 1.02);
        Assert.Equal(1_000, Activations(64_000) / Activations(64), 1e-6);
    }

    /// <summary>Plays a training with an evaluation and a sample on both, one call of the trainer after the other.</summary>
    private static void AssertSame(GptConfig config, TrainingOptions training, CpuOptions cpu)
    {
        using var kernels = CpuKernels.Create(cpu);
        using var plan = CpuMemoryPlan.Create(cpu);
        var held = HeldBytes(kernels, config, training).ToList();

        Assert.Equal(held, HeldBytes(plan, config, training));
        Assert.Equal(0, plan.AllocatedBytes - plan.WorkspaceBytes);

        // What is held at the end is in use, but for the rest of an arena's first block where little goes through. While an arena grows it holds
        // more than it uses, so there is more room for the peak: an evaluation and a sample have memory of their own for a while.
        Assert.InRange(plan.PeakBytes, held[^1] - (1 << 18), held.Max() + (1 << 18));
    }

    private static IEnumerable<long> HeldBytes(IKernels kernels, GptConfig config, TrainingOptions training)
    {
        using var model = new Gpt(config, kernels, training.Precision);
        model.Parameters.Initialize(training.Seed);
        using var trainer = new Trainer(model, TinyTraining.Data, training);
        yield return kernels.AllocatedBytes;
        for (var step = 0; step < 4; step++)
        {
            trainer.TrainStep();
            yield return kernels.AllocatedBytes;
            if (step == 1)
            {
                trainer.EvaluateValidation();
                yield return kernels.AllocatedBytes;
                using var generator = new Generator(model);
                foreach (var _ in generator.Generate([0, 1, 2], new GenerationOptions { TokenCount = config.ContextLength + 3 }))
                {
                }

                yield return kernels.AllocatedBytes;
            }
        }
    }
}
