using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Tests.Kernels;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>The laws of training hold in bfloat16 as they do in float32.</summary>
public sealed class Bfloat16TrainingTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private const int Steps = 20;

    private static readonly TrainingOptions Options = TinyTraining.Options with { Precision = Precision.Bfloat16 };

    public static TheoryData<string> Variants => [.. CpuKernelsFixture.Variants(Precision.Bfloat16)];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Weights_are_the_same_at_any_number_of_threads_and_not_those_of_float32(string variant)
    {
        var expected = Train(variant, 1, Options);
        Assert.DoesNotContain(expected, float.IsNaN);
        Assert.Equal(expected, Train(variant, 2, Options));
        Assert.Equal(expected, Train(variant, 3, Options));
        Assert.NotEqual(expected, Train(variant, 1, Options with { Precision = Precision.Float32 }));
    }

    /// <summary>
    /// But for products below 1e-38, which the machine's instructions take for zero: this training has none.
    /// </summary>
    [MachineCodeFact]
    public void Weights_are_the_same_with_machine_code_and_without()
        => Assert.Equal(
            Train($"{InstructionSet.Vector512} without machine code", 2, Options), Train($"{InstructionSet.Vector512}", 2, Options));

    [Fact]
    public void A_device_that_runs_everything_late_trains_to_the_same_bits()
    {
        var kernels = cpu.Get(CpuKernels.Supported[0], 2);
        Assert.Equal(
            TinyTraining.Train(kernels, TinyTraining.Model, Options, Steps),
            TinyTraining.Train(new LateKernels(kernels), TinyTraining.Model, Options, Steps));
    }

    /// <summary>Two sequences have an even number of tokens, so that no pair of terms is cut: the gradient of a weight goes on to the same bits.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void Micro_batches_of_even_length_give_the_weight_gradients_of_the_batch_to_the_bit(string variant)
    {
        var (whole, parts) = (Gradients(8), Gradients(2));
        Assert.Equal(2 * 4, whole.Count); // four products in each of two blocks
        foreach (var (name, gradient) in whole)
            Assert.True(gradient.SequenceEqual(parts[name], BitComparer.Instance), $"{name} has other bits in micro-batches.");

        Dictionary<string, double[]> Gradients(int microBatchSize)
        {
            var kernels = cpu.Get(variant, 2);
            using var model = new Gpt(TinyTraining.Model, kernels, Precision.Bfloat16);
            model.Parameters.Initialize(1);
            using var trainer = new Trainer(model, TinyTraining.Data, Options with { MicroBatchSize = microBatchSize });
            trainer.TrainStep();
            return model.Parameters.Parameters
                .Where(parameter => parameter.Name.StartsWith("h.", StringComparison.Ordinal) && parameter.Value.Rows > 1)
                .ToDictionary(parameter => parameter.Name, parameter => kernels.ReadNumbers(parameter.In(trainer.Gradients.Buffer)));
        }
    }

    [Fact]
    public void It_learns()
    {
        using var model = new Gpt(TinyTraining.Model, cpu.Get(CpuKernels.Supported[0], 2), Precision.Bfloat16);
        model.Parameters.Initialize(1);
        using var trainer = new Trainer(model, TinyTraining.Data, Options);
        for (var i = 0; i < Options.Steps; i++)
        {
            Assert.True(trainer.TrainStep().IsApplied);
        }

        // As in float32: single letters, spaces and their order within words.
        Assert.InRange(trainer.EvaluateValidation().Loss, 0, 0.85 * Math.Log(27));
    }

    private float[] Train(string variant, int threads, TrainingOptions options)
        => TinyTraining.Train(cpu.Get(variant, threads), TinyTraining.Model, options, Steps);
}
