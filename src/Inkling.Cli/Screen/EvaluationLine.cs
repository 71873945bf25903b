using Inkling.Training;

namespace Inkling.Cli.Screen;

/// <summary>What an evaluation found, in a line that reads like the one above it.</summary>
internal static class EvaluationLine
{
    public static StyledText Create(Evaluated evaluated, long lastStep, double seconds, bool isUnicode)
    {
        var step = $"{evaluated.Step:N0}".PadLeft($"{lastStep:N0}".Length);
        var verdict = !double.IsFinite(evaluated.ValidationLoss)
            ? (Style.Notable, "not a number: the model is lost")
            : evaluated.IsBest
            ? (Style.Good, isUnicode ? "★ best so far" : "best so far")
            : (Style.Quiet, $"best {evaluated.BestValidationLoss:0.0000}");
        return new(
        [
            (Style.Plain, $"step {step}  validation loss "),
            (Style.Strong, $"{evaluated.ValidationLoss:0.0000}"),
            (Style.Plain, " ("),
            verdict,
            (Style.Plain, ")"),
            (Style.Plain, evaluated.TrainingLoss is { } loss ? $"  training {loss:0.000}" : ""),
            (Style.Quiet, $"  {Units.Duration(seconds)}"),
            (Style.Notable, evaluated.IsOverfitting ? isUnicode ? "  ▲ overfitting" : "  overfitting" : ""),
        ]);
    }
}
