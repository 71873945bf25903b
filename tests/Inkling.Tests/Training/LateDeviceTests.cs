using Inkling.Data;
using Inkling.Generation;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Tests.Kernels;
using Inkling.Tests.Models;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>What else a device that runs everything late must do to the same bits, and how often anybody waits for it.</summary>
public sealed class LateDeviceTests
{
    private const int Steps = 6;

    private static readonly TrainingOptions Options = TinyTraining.Options with { MicroBatchSize = 3 };

    [Fact]
    public void Micro_batches_give_the_same_bits_and_one_wait_per_step()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        var late = new LateKernels(kernels);
        var expected = TinyTraining.Train(kernels, TinyTraining.Model, Options, Steps);
        Assert.Equal(expected, TinyTraining.Train(late, TinyTraining.Model, Options, Steps));
        Assert.Equal(Steps + 1, late.ReadCount); // and once for the weights
    }

    [Fact]
    public void Evaluation_between_steps_gives_the_same_bits_and_waits_once_per_batch()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        var late = new LateKernels(kernels);
        var (expected, expectedLosses) = TrainAndEvaluate(kernels);
        var (weights, losses) = TrainAndEvaluate(late);
        Assert.Equal(expected, weights);
        Assert.Equal(expectedLosses, losses);

        // Evaluating leaves no trace in the training.
        Assert.Equal(TinyTraining.Train(kernels, TinyTraining.Model, Options, Steps), expected);

        var contextLength = TinyTraining.Model.ContextLength;
        var batches = new ValidationWindows(TinyTraining.Data.Validation, contextLength, 4_096 / contextLength).BatchCount;
        var estimates = 2 * 3; // two batches of eight sequences, three at a time
        Assert.Equal((Steps * (1 + batches + estimates)) + 1, late.ReadCount);
    }

    [Theory]
    [InlineData(WindowRule.Exact)]
    [InlineData(WindowRule.KeepHalf)]
    public void Generation_writes_the_same_tokens_and_waits_once_for_each(WindowRule rule)
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        var late = new LateKernels(kernels);
        var options = new GenerationOptions { TokenCount = 40, Temperature = 1, TopK = 20, Seed = 5, Window = rule };
        Assert.Equal(Generate(kernels), Generate(late));
        Assert.Equal(40, late.ReadCount);

        int[] Generate(IKernels device)
        {
            using var model = TinyModel.Create(device);
            using var generator = new Generator(model);
            return [.. generator.Generate(TinyModel.Tokens(5), options)];
        }
    }

    private static (float[] Weights, double[] Losses) TrainAndEvaluate(IKernels kernels)
    {
        using var model = new Gpt(TinyTraining.Model, kernels);
        model.Parameters.Initialize(Options.Seed);
        using var trainer = new Trainer(model, TinyTraining.Data, Options);
        var losses = new List<double>();
        for (var i = 0; i < Steps; i++)
        {
            losses.Add(trainer.TrainStep().Loss);
            var evaluation = trainer.EvaluateValidation();
            losses.Add(evaluation.Loss);
            losses.Add(evaluation.LossHalfContext!.Value);
            losses.Add(trainer.EstimateLoss(TinyTraining.Data.Training, 2));
        }

        return (TinyTraining.Read(kernels, model.Parameters.Values), [.. losses]);
    }
}
