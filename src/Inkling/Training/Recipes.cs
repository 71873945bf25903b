using Inkling.Kernels;

namespace Inkling.Training;

/// <summary>How each preset is trained; its shape is in <see cref="Models.GptPresets"/> under the same name.</summary>
public static class Recipes
{
    private static readonly TrainingOptions Baby = new() { BatchSize = 64, Steps = 5_000, Precision = Precision.Auto };

    // 6e-4 → 6e-5 and β .9/.95: nanoGPT's settings for GPT-2; the batch of half a million tokens that they were made for is the user's to choose.
    private static readonly TrainingOptions Gpt2 = new()
    {
        BatchSize = 4,
        Precision = Precision.Auto,
        Steps = 5_000,
        LearningRate = 6e-4,
        MinimumLearningRate = 6e-5,
        Beta2 = 0.95,
    };

    // What textbooks train with: Adam as PyTorch has it, at one rate.
    private static readonly TrainingOptions Textbook = Baby with
    {
        LearningRate = 3e-4,
        MinimumLearningRate = 3e-4,
        Schedule = ScheduleKind.Constant,
        WarmupSteps = 0,
        Beta2 = 0.999,
        WeightDecay = 0,
        ClipNorm = 0,
    };

    /// <summary>Every preset's recipe under its name.</summary>
    public static IReadOnlyDictionary<string, TrainingOptions> ByPreset { get; } = new Dictionary<string, TrainingOptions>
    {
        // As long as it takes to come within a tenth of what the scenes leave to chance: about a minute on two cores (docs/experiments.md).
        ["scenes"] = Baby with { BatchSize = 8, Steps = 2_000, LearningRate = 5e-3, EvaluateEvery = 500 },

        // A tripled rate: in so few steps the smaller one that nanoGPT uses here leaves a tenth of a nat unlearned (docs/experiments.md).
        ["nano"] = Baby with { BatchSize = 12, Steps = 2_000, LearningRate = 3e-3 },
        ["baby"] = Baby,
        ["lecture"] = Textbook,

        // 0.01 is the decay of PyTorch's AdamW.
        ["post-norm"] = Textbook with { BatchSize = 48, LearningRate = 3e-5, MinimumLearningRate = 3e-5, WeightDecay = 0.01 },
        ["gpt2"] = Gpt2,
        ["gpt2-medium"] = Gpt2,
        ["gpt2-large"] = Gpt2,
        ["gpt2-xl"] = Gpt2,
    };
}
