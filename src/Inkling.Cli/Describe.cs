using System.Text;
using Inkling.Cli.Screen;
using Inkling.Data;
using Inkling.Kernels;
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

    /// <summary>The precision that was asked for or that auto came to, and why it is no faster where it is not.</summary>
    public static string Precision(Precision asked, Precision precision, string? bfloat16Refusal)
    {
        var name = Kebab.From(precision.ToString());
        return (asked, precision, bfloat16Refusal) switch
        {
            (_, Kernels.Precision.Bfloat16, { } refusal) => $"{name}, no faster than float32 here: {refusal}",
            (Kernels.Precision.Auto, Kernels.Precision.Bfloat16, _) => $"{name}, the faster one here",
            (Kernels.Precision.Auto, _, { } refusal) => $"{name}; bfloat16 would be no faster here: {refusal}",
            (Kernels.Precision.Auto, _, _) => $"{name}; this processor's instructions for bfloat16 are no faster",
            _ => name,
        };
    }

    /// <summary>What the peak of a precision consists of.</summary>
    public static string PeakOf(Precision precision, string? bfloat16Refusal)
        => precision == Kernels.Precision.Bfloat16 && bfloat16Refusal is null ? "bfloat16 dot products" : "float32 fused multiply-adds";

    /// <summary>How a corpus begins: a prompt whose every character its model knows.</summary>
    public static string Beginning(TextCorpus corpus)
    {
        const int Length = 20;
        var start = Encoding.UTF8.GetString(corpus.Bytes.Span[..Math.Min(corpus.ByteCount, 400)]);
        var line = start.Split('\n').Select(each => each.Trim()).FirstOrDefault(IsPlain, "");
        return line.Length <= Length ? line : line[..(line.LastIndexOf(' ', Length) is > 0 and var end ? end : Length)];

        static bool IsPlain(string text) => text.Length > 0 && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\uFFFD');
    }

    /// <summary>What the output can show.</summary>
    public static string Terminal(Terminal terminal)
        => !terminal.CanRedraw
            ? "none that can redraw a line: progress is a plain line now and then"
            : $"{terminal.Width()} columns, {(terminal.HasColor ? "colour" : "no colour")}, {(terminal.HasUnicode ? "Unicode" : "ASCII")}";

    public static string Count(long count, string thing) => $"{count:N0} {thing}{(count == 1 ? "" : "s")}";
}
