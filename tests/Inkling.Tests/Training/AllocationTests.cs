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
    [InlineData(0, false)]
    [InlineData(5, false)]
    [InlineData(0, true)]
    [InlineData(5, true)]
    public void From_the_third_step_on_a_step_takes_no_native_and_at_most_16_KB_of_managed_memory(int microBatchSize, bool recompute)
    {
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 2 });
        using var model = new Gpt(GptPresets.Shapes["nano"] with { VocabularySize = TinyTraining.Model.VocabularySize }, kernels);
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
