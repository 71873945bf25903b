using FsCheck.Fluent;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Tensors;
using Inkling.Tests.Formats;
using Inkling.Tests.Kernels;
using Inkling.Tests.Models;
using Inkling.Tests.Text;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>Blocks that are computed again in the backward pass change the memory that a step takes, and no bit of anything else.</summary>
public sealed class RecomputeTests(KernelVariants variants) : IClassFixture<KernelVariants>
{
    private const int Tokens = 12;

    private static readonly string OneThread = $"{CpuKernels.Supported[^1]} 1";
    private static readonly string TwoThreads = $"{CpuKernels.Supported[^1]} 2";

    // Three micro-batches, the last one smaller.
    private static readonly TrainingOptions Options = TinyTraining.Options with { BatchSize = 5, MicroBatchSize = 2, WarmupSteps = 1, LearningRate = 1e-2 };

    [Theory]
    [MemberData(nameof(GptVariants.All), MemberType = typeof(GptVariants))]
    public void A_variant_trains_to_the_same_bits(string variant)
    {
        var config = GptVariants.Apply(TinyTraining.Model, variant);
        AssertSame(Train(variants[OneThread], config, Options), Train(variants[TwoThreads], config, Options with { Recompute = true }));
    }

    [Theory]
    [MemberData(nameof(GptVariants.Names), MemberType = typeof(GptVariants))]
    public void A_variant_trains_to_the_same_bits_in_bfloat16(string variant)
    {
        var config = GptVariants.Apply(TinyTraining.Model, variant);
        var options = Options with { Precision = Precision.Bfloat16 };
        AssertSame(Train(variants[$"{CpuKernels.Supported[0]} 1"], config, options), Train(variants[$"{CpuKernels.Supported[0]} 2"], config, options with { Recompute = true }));
    }

    [Theory]
    [InlineData("post-norm")]
    [InlineData("RMS norm + rotary + SwiGLU + grouped heads + no biases")]
    [InlineData("QK-norm + window")]
    public void The_reference_and_a_device_that_runs_everything_late_train_to_the_same_bits(string variant)
    {
        var config = GptVariants.Apply(TinyTraining.Model, variant);
        foreach (var kernels in new[] { variants[KernelVariants.Single[^1]], new LateKernels(variants[TwoThreads]) })
        {
            AssertSame(Train(kernels, config, Options), Train(kernels, config, Options with { Recompute = true }));
        }
    }

    [Fact]
    public void Any_small_model_trains_to_the_same_bits()
    {
        var names = GptVariants.All.Cast<object[]>().Select(row => (string)row[0]).ToArray();
        Law.Holds(
            Gen.Elements(names).SelectMany(variant => Gen.Choose(1, 4).SelectMany(layers => Gen.Choose(3, 40).SelectMany(context => Gen.Choose(1, 6).SelectMany(
                batch => Gen.Choose(0, 4).Select(micro => (variant, layers, context, batch, micro)))))),
            sample =>
            {
                var config = GptVariants.Apply(TinyTraining.Model with { LayerCount = sample.layers, ContextLength = sample.context }, sample.variant);
                var options = Options with { BatchSize = sample.batch, MicroBatchSize = sample.micro };
                AssertSame(Train(variants[TwoThreads], config, options), Train(variants[OneThread], config, options with { Recompute = true }));
                return true;
            },
            cases: 50);
    }

    /// <summary>Each further block takes room for its output, and the backward pass needs no more room for many blocks than for few.</summary>
    [Theory]
    [InlineData(NormPlacement.Before)]
    [InlineData(NormPlacement.After)]
    public void A_block_keeps_one_tensor(NormPlacement placement)
    {
        var config = TinyModel.Config with { NormPlacement = placement };
        var (few, many) = (Heights(config with { LayerCount = 3 }), Heights(config with { LayerCount = 7 }));
        Assert.Equal(4 * Tokens * config.Width, many.Forward - few.Forward);
        Assert.Equal(many.Forward - few.Forward, many.Backward - few.Backward);

        (long Forward, long Backward) Heights(GptConfig config)
        {
            using var pass = new Pass(variants[OneThread], config) { Recomputes = true };
            pass.Run(); // in as many pieces as it takes; from then on in one
            return pass.Run();
        }
    }

    [Fact]
    public void Each_gradient_is_announced_once_and_in_the_same_order()
    {
        var kept = Announced(Options);
        Assert.Equal(kept, Announced(Options with { Recompute = true }));
        Assert.Equal(kept.Count, 3 * kept.Distinct().Count()); // three micro-batches

        List<string> Announced(TrainingOptions options)
        {
            using var model = TinyGpt.Create(variants[OneThread], TinyTraining.Model);
            using var trainer = new Trainer(model, TinyTraining.Data, options);
            var names = new List<string>();
            trainer.GradientFinished = parameter => names.Add(parameter.Name);
            trainer.TrainStep();
            return names;
        }
    }

    [Fact]
    public void A_probe_sees_everything_once()
    {
        Assert.Equal(Seen(recomputes: false), Seen(recomputes: true));

        List<string> Seen(bool recomputes)
        {
            using var pass = new Pass(variants[OneThread], TinyModel.Config) { Recomputes = recomputes };
            pass.Run();
            return pass.Seen;
        }
    }

    [Fact]
    public void A_pass_with_a_cache_appends_to_it_as_ever()
    {
        var kernels = variants[OneThread];
        using var model = TinyModel.Create(kernels);
        using var arena = new Arena(kernels);
        var tokens = kernels.Allocate(DType.Int32, 4).View(4, 1);
        kernels.Write<int>(tokens, [0, 1, 2, 3]);
        Assert.Equal(Hidden(recomputes: false), Hidden(recomputes: true), BitComparer.Instance);

        double[] Hidden(bool recomputes)
        {
            using var cache = model.CreateCache();
            var step = new Step(kernels, arena) { Recomputes = recomputes };
            model.Forward(step, Batch(0, 3), cache);
            return kernels.ReadNumbers(model.Forward(step, Batch(3, 1), cache).View);
        }

        TokenBatch Batch(int from, int count) => new(tokens.SliceRows(from, count), tokens.SliceRows(from, count), 1, count);
    }

    [Fact]
    public void A_run_may_begin_without_it_and_go_on_with_it()
    {
        using var runs = new TinyRuns();
        var whole = runs.Finish(runs.Start("whole"));
        using (var run = runs.Start("changed"))
        {
            _ = run.Continue().OfType<CheckpointSaved>().First();
        }

        Assert.Equal(whole.State, runs.Finish(runs.Resume("changed", options => options with { Recompute = true })).State);
    }

    private static void AssertSame(Numbers expected, Numbers actual)
    {
        Assert.DoesNotContain(double.NaN, expected.Losses);
        Assert.Equal(expected.Losses, actual.Losses, BitComparer.Instance);
        Assert.Equal(expected.Gradients, actual.Gradients, BitComparer.Instance);
        Assert.Equal(expected.Weights, actual.Weights, BitComparer.Instance);
    }

    /// <summary>Two steps: in the second the memory has another shape.</summary>
    private static Numbers Train(IKernels kernels, GptConfig config, TrainingOptions options)
    {
        using var model = TinyGpt.Create(kernels, config, precision: options.Precision);
        using var trainer = new Trainer(model, TinyTraining.Data, options);
        double[] losses = [trainer.TrainStep().Loss, trainer.TrainStep().Loss];
        return new Numbers(losses, Read(trainer.Gradients.Buffer), Read(model.Parameters.Values));

        double[] Read(DeviceBuffer buffer) => kernels.ReadNumbers(buffer.View(1, (int)buffer.Count));
    }

    private sealed record Numbers(double[] Losses, double[] Gradients, double[] Weights);

    /// <summary>A forward and a backward pass over a few tokens.</summary>
    private sealed class Pass : IProbe, IDisposable
    {
        private readonly IKernels _kernels;
        private readonly Gpt _model;
        private readonly GradientStore _gradients;
        private readonly Arena _arena;
        private readonly Tape _tape;

        public Pass(IKernels kernels, GptConfig config)
        {
            (_kernels, _model, _arena) = (kernels, TinyModel.Create(kernels, config), new Arena(kernels));
            _gradients = new GradientStore(_model.Parameters);
            _tape = new Tape(_gradients);
        }

        public bool Recomputes { get; init; }

        public List<string> Seen { get; } = [];

        /// <summary>How high the arena is after each half.</summary>
        public (long Forward, long Backward) Run()
        {
            _arena.Reset();
            _tape.Clear();
            var step = new Step(_kernels, _arena) { Tape = _tape, Recomputes = Recomputes, Probe = this };
            var tokens = _kernels.Allocate(DType.Int32, Tokens).View(Tokens, 1);
            _kernels.Write<int>(tokens, TinyModel.Tokens(Tokens));
            var positions = _kernels.Allocate(DType.Int32, Tokens).View(Tokens, 1);
            _kernels.Write<int>(positions, [.. Enumerable.Range(0, Tokens)]);
            var hidden = _model.Forward(step, new TokenBatch(tokens, positions, 1, Tokens));
            _model.Loss(step, hidden, tokens, _kernels.Matrix(Tokens, 1, [.. Enumerable.Repeat(1.0, Tokens)]), _kernels.Matrix(Tokens, 1));
            var forward = _arena.Mark().Used;
            _tape.Backward(step);
            return (forward, _arena.Mark().Used);
        }

        public void Observe(string name, Tensor tensor) => Seen.Add(name);

        public void Dispose()
        {
            _gradients.Dispose();
            _arena.Dispose();
            _model.Dispose();
        }
    }
}
