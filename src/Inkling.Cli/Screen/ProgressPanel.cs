namespace Inkling.Cli.Screen;

/// <summary>
/// Two lines of progress for any width: a bar, and below it the course of the loss on the same axis of steps; beside them
/// the figures, as many as fit.
/// </summary>
internal static class ProgressPanel
{
    private const string Gap = "  ";
    private const int NarrowestBar = 12;

    // Figures that are only nice to have must leave a bar this long.
    private const int ComfortableBar = 48;
    private const int NiceToHave = 5;
    private const int Indispensable = 2;

    /// <summary>The lines, none longer than <paramref name="columns"/>.</summary>
    public static StyledText[] Draw(Progress progress, int columns, bool isUnicode)
    {
        // Padded, so that nothing beside the number jumps when it grows.
        var last = $"{progress.LastStep:N0}".Length;
        var (course, losses) = (Course(progress, last), Losses(progress));
        for (var level = NiceToHave; level >= Indispensable; level--)
        {
            var (above, below) = (Join(course, level), Join(losses, level));
            var bar = columns - Gap.Length - Math.Max(above.Length, below.Length);
            if (bar >= (level == NiceToHave ? ComfortableBar : NarrowestBar))
            {
                return [Bar(progress, bar, isUnicode) + Gap + above, Curve(progress, bar, isUnicode) + Gap + below];
            }
        }

        return [Join(course, Indispensable).Cut(columns), Join(losses, Indispensable).Cut(columns)];
    }

    /// <summary>One line without any drawing, for a log.</summary>
    public static string Plain(Progress progress)
        => string.Join(Gap, Course(progress, stepColumns: 0).Concat(Losses(progress)).Where(figure => figure.Level < NiceToHave && figure.Text.Length > 0).Select(figure => figure.Text));

    private static Figure[] Course(Progress progress, int stepColumns) =>
    [
        new(1, new([
            (Style.Plain, "step "), (Style.Strong, $"{progress.Step:N0}".PadLeft(stepColumns)), (Style.Plain, $"/{progress.LastStep:N0}")])),
        .. progress.TokensPerSecond > 0
            ? new Figure[] { new(3, $"{Units.Count(progress.TokensPerSecond)} tokens/s"), new(4, $"{progress.Utilization:P0} of peak") }
            : [],
        new(NiceToHave, $"{Units.Duration(progress.Seconds)} so far"),
        new(2, progress.Activity ?? (double.IsFinite(progress.SecondsLeft) ? $"{Units.Duration(progress.SecondsLeft)} left" : "")),
    ];

    private static Figure[] Losses(Progress progress) =>
    [
        .. Number(1, "loss", progress.TrainingLoss, "0.000", Style.Strong),
        .. Number(3, "validation", progress.ValidationLoss, "0.000", Style.Notable),
        .. Number(2, "best", progress.BestValidationLoss, "0.000", Style.Good),
        .. Number(NiceToHave, "gradient", progress.GradientNorm, "0.00", Style.Plain),
        .. Number(NiceToHave, "rate", progress.LearningRate, "0.0e-0", Style.Plain),
    ];

    private static IEnumerable<Figure> Number(int level, string name, double? value, string format, Style style)
        => value is { } number ? [new(level, new([(Style.Plain, $"{name} "), (style, number.ToString(format))]))] : [];

    private static StyledText Join(Figure[] figures, int level)
        => figures
            .Where(figure => figure.Level <= level && figure.Text.Length > 0)
            .Aggregate(new StyledText([]), (line, figure) => line.Length == 0 ? figure.Text : line + Gap + figure.Text);

    private static StyledText Bar(Progress progress, int width, bool isUnicode)
    {
        var done = (int)Math.Clamp(progress.Step * width / Math.Max(1, progress.LastStep), 0, width);
        return new(
        [
            (Style.Good, new string(isUnicode ? '━' : '=', done)),
            (Style.Quiet, new string(isUnicode ? '─' : '-', width - done)),
        ]);
    }

    private static StyledText Curve(Progress progress, int width, bool isUnicode)
    {
        var curve = Sparkline.Draw(progress.Course(width), isUnicode);
        return new([(Style.Good, curve), (Style.Plain, new string(' ', Math.Max(0, width - curve.Length)))]);
    }

    /// <param name="Level">How dispensable it is: 1 to 5.</param>
    /// <param name="Text">Name, value and unit.</param>
    private readonly record struct Figure(int Level, StyledText Text);
}
