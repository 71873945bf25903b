using Inkling.Data;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class MemoryEstimateTests
{
    [Theory]
    [InlineData("nano", 12)]
    [InlineData("baby", 2)]
    public void The_estimate_is_near_what_training_takes(string preset, int batchSize)
    {
        var shape = GptPresets.Shapes[preset] with { VocabularySize = 3 };
        var options = Recipes.ByPreset[preset] with { BatchSize = batchSize };
        var tokenizer = CharacterTokenizer.Train("abc"u8);
        var tokens = TokenData.From([.. Enumerable.Range(0, 11 * (shape.ContextLength + 1)).Select(i => i % 3)], 3);
        using var kernels = CpuKernels.Create(new CpuOptions { ThreadCount = 1 });
        using var model = new Gpt(shape, kernels);
        using var trainer = new Trainer(model, DataSplit.Split(tokens, tokenizer), options);
        trainer.TrainStep();

        // It decides only whether to begin, so a third more or less will do.
        var taken = (double)kernels.AllocatedBytes;
        var estimate = new GptCost(shape).TrainingBytes(options.EffectiveMicroBatchSize);
        Assert.InRange(estimate / taken, 0.67, 1.5);
    }
}
