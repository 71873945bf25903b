using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Tests.Kernels;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class TrainerTests
{
    private static readonly GptConfig Nano = GptPresets.Shapes["nano"] with { VocabularySize = TinyTraining.Model.VocabularySize };

    public static TheoryData<InstructionSet> InstructionSets => [.. CpuKernels.Supported];

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Weights_after_100_steps_are_the_same_at_any_number_of_threads(InstructionSet set)
    {
        var expected = Train(1);
        Assert.Equal(expected, Train(2));
        Assert.Equal(expected, Train(3));

        float[] Train(int threads)
        {
            using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = threads, InstructionSet = set });
            return TinyTraining.Train(kernels, TinyTraining.Model, TinyTraining.Options, 100);
        }
    }

    [Theory]
    [InlineData(1, Precision.Float32)]
    [InlineData(3, Precision.Float32)]
    [InlineData(1, Precision.Bfloat16)]
    [InlineData(3, Precision.Bfloat16)]
    public void Micro_batches_give_the_gradient_of_the_batch_with_dropout_on(int microBatchSize, Precision precision)
    {
        var whole = Gradient(8);
        var parts = Gradient(microBatchSize);

        // Only sums over columns are cut at other places, in bfloat16 pairs of terms as well; what is left is their rounding.
        var difference = Math.Sqrt(whole.Zip(parts, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
        Assert.InRange(difference / Math.Sqrt(whole.Sum(g => (double)g * g)), 0, 1e-6);

        float[] Gradient(int microBatchSize)
        {
            using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
            using var model = new Gpt(TinyTraining.Model, kernels, precision);
            model.Parameters.Initialize(1);
            using var trainer = new Trainer(model, TinyTraining.Data, TinyTraining.Options with { MicroBatchSize = microBatchSize });
            trainer.TrainStep();
            return TinyTraining.Read(kernels, trainer.Gradients.Buffer);
        }
    }

    [Fact]
    public void A_device_that_runs_everything_late_trains_nano_to_the_same_bits()
    {
        const int steps = 12;
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        var late = new LateKernels(kernels);
        var options = Recipes.ByPreset["nano"];
        var expected = TinyTraining.Train(kernels, Nano, options, steps);
        Assert.Equal(expected, TinyTraining.Train(late, Nano, options, steps));

        // Once per step, and once for the weights that the test compares.
        Assert.Equal(steps + 1, late.ReadCount);
    }

    [Fact]
    public void Training_learns()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        using var model = new Gpt(TinyTraining.Model, kernels);
        model.Parameters.Initialize(1);
        using var trainer = new Trainer(model, TinyTraining.Data, TinyTraining.Options);
        var before = trainer.EvaluateValidation().Loss;
        for (var i = 0; i < TinyTraining.Options.Steps; i++)
        {
            Assert.True(trainer.TrainStep().IsApplied);
        }

        Assert.InRange(before, 0.95 * Math.Log(27), 1.05 * Math.Log(27));
        // Single letters, spaces and their order within words cannot be learned by chance.
        Assert.InRange(trainer.EvaluateValidation().Loss, 0, 0.85 * Math.Log(27));
    }

    [Fact]
    public void A_step_that_is_not_finite_changes_nothing_and_is_reported()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        using var model = new Gpt(TinyTraining.Model, kernels);
        model.Parameters.Initialize(1);
        using var trainer = new Trainer(model, TinyTraining.Data, TinyTraining.Options);
        trainer.TrainStep();
        var gain = model.Parameters.Parameters.Single(parameter => parameter.Name == "ln_f.weight");
        kernels.Fill(gain.Value, double.NaN);
        var before = TinyTraining.Read(kernels, model.Parameters.Values);
        Assert.False(trainer.TrainStep().IsApplied);
        Assert.Equal(before, TinyTraining.Read(kernels, model.Parameters.Values));
        Assert.Equal((2, 1), (trainer.Step, trainer.Updates));
    }

    [Fact]
    public void A_parameter_gradient_is_announced_once_and_only_when_it_is_complete()
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        using var model = new Gpt(TinyTraining.Model, kernels);
        model.Parameters.Initialize(1);
        using var trainer = new Trainer(model, TinyTraining.Data, TinyTraining.Options);
        var names = new List<string>();
        trainer.GradientFinished = parameter => names.Add(parameter.Name);
        trainer.TrainStep();
        Assert.Equal(model.Parameters.Parameters.Select(parameter => parameter.Name).Order(), names.Order());

        // The table is the head as well: the head's share comes first, the embedding's last.
        Assert.Contains("wte.weight", names[^2..]);
    }
}
