using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Tests.Training;

/// <summary>Counts bytes, and so runs while no other test does.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    [Theory]
    [InlineData(0, false, Precision.Float32)]
    [InlineData(5, false, Precision.Float32)]
    [InlineData(0, true, Precision.Float32)]
    [InlineData(5, true, Precision.Float32)]
    [InlineData(0, false, Precision.Bfloat16)]
    [InlineData(5, true, Precision.Bfloat16)]
    public void From_the_third_step_on_a_step_takes_no_native_and_at_most_16_KB_of_managed_memory(int microBatchSize, bool recompute, Precision precision)
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        using var model = new Gpt(GptPresets.Shapes["nano"] with { VocabularySize = TinyTraining.Model.VocabularySize }, kernels, precision);
        using var trainer = new Trainer(model, TinyTraining.Data, Recipes.ByPreset["nano"] with { MicroBatchSize = microBatchSize, Recompute = recompute });
        model.Parameters.Initialize(1);
        trainer.TrainStep();
        trainer.TrainStep();

        const int steps = 20;
        var native = kernels.AllocatedBytes;
        var collections = GC.CollectionCount(1);
        var managed = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < steps; i++)
        {
            trainer.TrainStep();
        }

        Assert.InRange((GC.GetTotalAllocatedBytes(precise: true) - managed) / steps, 0, 16 * 1024);
        Assert.Equal(native, kernels.AllocatedBytes);
        Assert.Equal(collections, GC.CollectionCount(1));
    }
}
