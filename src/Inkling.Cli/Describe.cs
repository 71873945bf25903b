using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>Configurations in a line.</summary>
internal static class Describe
{
    public static string Shape(GptConfig model)
    {
        var size = model.EffectiveHeadSize * model.HeadCount == model.Width ? "" : $" of {model.EffectiveHeadSize}";
        var groups = model.EffectiveKeyValueHeadCount == model.HeadCount ? "" : $" ({model.EffectiveKeyValueHeadCount} of keys and values)";
        return $"{Count(model.LayerCount, "layer")}, {Count(model.HeadCount, "head")}{size}{groups}, width {model.Width}, "
            + $"context {model.ContextLength}, vocabulary {model.VocabularySize:N0}";
    }

    public static string Recipe(TrainingOptions options)
    {
        var passes = options.EffectiveMicroBatchSize < options.BatchSize ? $" ({options.EffectiveMicroBatchSize} at once)" : "";
        var lowest = options.Schedule == ScheduleKind.Constant ? "" : $" to {options.MinimumLearningRate}";
        return $"{Count(options.LastStep, "step")} of {Count(options.BatchSize, "sequence")}{passes}, "
            + $"learning rate {options.LearningRate}{lowest} ({Kebab.From(options.Schedule.ToString())}), "
            + $"{Count(options.WarmupSteps, "warm-up step")}, seed {options.Seed}";
    }

    public static string Count(int count, string thing) => $"{count:N0} {thing}{(count == 1 ? "" : "s")}";
}
