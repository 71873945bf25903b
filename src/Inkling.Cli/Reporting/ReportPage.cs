using System.Text;
using Inkling.Models;

namespace Inkling.Cli.Reporting;

/// <summary>
/// A run on one page that needs nothing but itself: no network, no script, light and dark, on paper too. It is well-formed XML, so
/// that a test can read it.
/// </summary>
internal static class ReportPage
{
    // A page for people: more samples than they read are left out evenly, and what is longer than a few screens is cut.
    private const int MostSamples = 24;
    private const int LongestSample = 3_000;

    private const int MostNamedSteps = 10;

    // Half the points of this share of a run weigh in the smoothed loss.
    private const double SmoothedShare = 0.02;

    /// <summary>The page.</summary>
    public static string Create(RunHistory run)
    {
        var html = new StringBuilder();
        html.AppendLine($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>{Html.Escape(Name(run))} – Inkling</title>
            <style>
            {Html.Resource("report.css")}</style>
            </head>
            <body>
            """);
        html.Append(Header(run)).Append(Figures(run)).Append(Charts(run)).Append(Samples(run)).Append(Commands(run)).Append(ReportTables.Create(run));
        html.AppendLine($"""
            <footer>Written {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC by Inkling. Losses are nats per token; validation is the whole held-back part of the corpus.</footer>
            <script>
            {Html.Resource("report.js")}</script>
            </body>
            </html>
            """);
        return html.ToString();
    }

    private static string Name(RunHistory run) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.FolderPath)));

    private static string Header(RunHistory run)
    {
        var (settings, last) = (run.Settings, run.LastStep);
        var parameters = Units.Count(new GptCost(settings.Model).ParameterCount);
        var corpus = run.Session?.Corpus ?? Path.GetFileName(settings.CorpusPath);
        var state = run.Step >= last ? "complete" : run.IsComplete ? "out of patience" : run.HasGivenUp ? "given up" : "not complete";
        var mark = $"<span class=\"state{(run.IsComplete ? "" : " open")}\">{state}</span>";
        long[] skipped = [.. run.Training.Where(line => line.IsApplied == false).Select(line => line.Step)];
        return $"""
            <header>
            <h1>{Html.Escape(Name(run))}</h1>
            <p class="lead">{Html.Escape($"{settings.Preset ?? "own shape"}, {parameters} parameters, trained on {corpus}. Step {run.Step:N0} of {last:N0}")} {mark}</p>
            <div class="bar" aria-hidden="true"><div style="width:{Math.Clamp(100 * run.Step / Math.Max(1, last), 0, 100)}%"></div></div>
            {(skipped.Length == 0 ? "" : $"<p class=\"note\">{Skipped(skipped)}</p>")}
            </header>

            """;
    }

    private static string Skipped(long[] steps)
        => $"{Describe.Count(steps.Length, "step")} left the weights as they were, because loss or gradient was not finite or the loss a spike: "
            + $"{string.Join(", ", steps.Take(MostNamedSteps).Select(step => $"{step:N0}"))}{(steps.Length > MostNamedSteps ? " …" : ".")}";

    private static string Figures(RunHistory run)
    {
        var figures = new List<(string Name, string Value, string More)>();
        var session = run.Session;
        if (run.Best is { ValidationLoss: { } loss } best)
        {
            figures.Add(("Best validation loss", $"{loss:0.0000}", $"nats per token, at step {best.Step:N0}"));
            if (session?.Reference is { FloorPerToken: var floor } reference && best.ValidationLossHalfContext is { } late)
            {
                figures.Add(($"Above the {reference.Name}", $"{(late / floor) - 1:P1}", $"{late:0.000} with half the context before it, instead of {floor:0.000}"));
            }

            figures.Add(("Perplexity", $"{Math.Exp(loss):0.00}", "equally likely choices per token"));
            if (session is { ValidationBytes: > 0 })
            {
                figures.Add(("Bits per byte", $"{loss / Math.Log(2) * session.ValidationTokens / session.ValidationBytes:0.000}", "comparable across tokenizers"));
            }
        }

        if (run.Seconds > 0)
        {
            figures.Add(("Time", Units.Duration(run.Seconds), "evaluations included"));
        }

        if (TokensPerSecond(run) is { } speed)
        {
            figures.Add(("Speed", $"{Units.Count(speed)}", "tokens per second"));
            if (run.PeakGflops > 0)
            {
                var flops = new GptCost(run.Settings.Model).TrainingFlopsPerToken(run.Settings.Model.ContextLength);
                figures.Add(("Utilisation", $"{speed * flops / (run.PeakGflops * 1e9):P0}", $"of the {run.PeakGflops:N0} GFLOP/s measured"));
            }
        }

        return figures.Count == 0
            ? ""
            : $"<dl class=\"figures\">{string.Concat(figures.Select(each =>
                $"<div><dt>{Html.Escape(each.Name)}</dt><dd>{Html.Escape(each.Value)}<small>{Html.Escape(each.More)}</small></dd></div>\n"))}</dl>\n";
    }

    /// <summary>Lines of the journal stand for equal numbers of steps, so their mean is harmonic.</summary>
    private static double? TokensPerSecond(RunHistory run)
        => run.Speeds.Any() ? run.Speeds.Count() / run.Speeds.Sum(line => 1 / line.TokensPerSecond!.Value) : null;

    private static string Charts(RunHistory run)
    {
        if (run.Training.Count == 0)
        {
            return "<h2>Curves</h2>\n<p>No step has been reported yet. Reload this page in a while.</p>\n";
        }

        var loss = Points(run.Training, line => line.IsApplied == false ? null : line.Loss);
        var charts = new[]
        {
            Chart("Loss", "nats per token", [
                new("training batches", CurveKind.Faint, loss),
                new("training, smoothed", CurveKind.Line, Curve.Smooth(loss, Math.Max(3, SmoothedShare * loss.Length))),
                .. run.Best is { } best ? [new("best", CurveKind.Ring, [new(best.Step, best.ValidationLoss!.Value)])] : Array.Empty<Series>(),
                new("validation", CurveKind.Dots, Points(run.Evaluations, line => line.ValidationLoss)),
                .. run.Session?.Reference is { } floor ? [Level($"{floor.Name} with half the context", floor.FloorPerToken)] : Array.Empty<Series>(),
            ]) with { IsLarge = true },
            Chart("Learning rate", "", [new("", CurveKind.Line, Points(run.Training, line => line.LearningRate))]) with { FromZero = true },
            Chart("Gradient norm", "before clipping", [
                new("gradient", CurveKind.Line, Points(run.Training, line => line.GradientNorm)),
                .. run.Settings.Training.ClipNorm is > 0 and var clip ? [Level("clipped to", clip)] : Array.Empty<Series>(),
            ]) with { FromZero = true },
            Chart("Speed", "tokens per second", [
                new("", CurveKind.Line, [.. run.Speeds.Select(line => new CurvePoint(line.Step, line.TokensPerSecond!.Value))])]) with { FromZero = true },
        };
        var small = charts[1..].Where(chart => chart.Series[0].Points.Count > 0).Select(chart => chart.ToHtml());
        return $"<h2>Curves</h2>\n{charts[0].ToHtml()}<div class=\"small\">\n{string.Concat(small)}</div>\n";

        Chart Chart(string title, string unit, IReadOnlyList<Series> series)
            => new() { Title = title, Unit = unit, Series = series, LastStep = run.LastStep };

        Series Level(string name, double value)
            => new(name, CurveKind.Dashes, [new(0, value), new(run.LastStep, value)]);
    }

    /// <summary>What is not finite leaves no point; the page says in words which steps those were.</summary>
    private static CurvePoint[] Points(IEnumerable<MetricsLine> lines, Func<MetricsLine, double?> value)
        => [.. lines.Select(line => new CurvePoint(line.Step, value(line) ?? double.NaN)).Where(point => double.IsFinite(point.Y))];

    private static string Samples(RunHistory run)
    {
        JournalLine[] all = [.. run.Samples];
        if (all.Length == 0)
        {
            return "";
        }

        var shown = all.Length <= MostSamples
            ? all
            : [.. Enumerable.Range(0, MostSamples).Select(i => all[(long)i * (all.Length - 1) / (MostSamples - 1)])];
        var losses = run.Evaluations.GroupBy(line => line.Step).ToDictionary(lines => lines.Key, lines => lines.Last().ValidationLoss!.Value);
        var html = new StringBuilder("<h2>What it wrote</h2>\n");
        html.AppendLine(shown.Length == all.Length ? "" : $"<p class=\"lead\">{shown.Length} of {all.Length} samples.</p>");
        foreach (var line in shown)
        {
            var loss = losses.TryGetValue(line.Step, out var value) ? $", validation loss {value:0.0000}" : "";
            html.AppendLine($"<details class=\"of-step\"{(line == shown[^1] ? " open=\"open\"" : "")}><summary><b>Step {line.Step:N0}</b>{loss}</summary>");
            html.AppendLine($"<pre class=\"sample\">{Html.Escape(Shortened(line.Sample!.ReplaceLineEndings("\n")))}</pre>{Grades(line)}</details>");
        }

        return html.ToString();
    }

    private static string Grades(JournalLine line)
        => line.Grades is not { Count: > 0 } grades
            ? ""
            : $"<ul class=\"grades\">{string.Concat(grades.Select(grade => $"<li>{Html.Escape(grade.Key)}: <b>{Html.Escape(grade.Value)}</b></li>"))}</ul>";

    private static string Shortened(string text) => text.Length <= LongestSample ? text : $"{text[..LongestSample]} …";

    private static string Commands(RunHistory run)
    {
        var (name, folder) = (Invocation.Name, Invocation.Quote(run.FolderPath));
        var prompt = Invocation.Quote(run.Session is { Prompt.Length: > 0 } session ? session.Prompt : "Once upon a time");
        var more = run.IsComplete ? " --patience 0" : run.HasGivenUp ? $" --maximum-skipped-steps {10 * run.Settings.Training.MaximumSkippedSteps}" : "";
        var (schedule, isComplete) = (run.Settings.Training.Steps, run.Step >= run.LastStep);
        (string What, string Command, bool Applies)[] commands =
        [
            ("Go on with the training:", $"{name} train --resume --out {folder}{more}", !isComplete),
            ("Go on to the end of the schedule:", $"{name} train --resume --out {folder} --stop-at {schedule}", isComplete && run.LastStep < schedule),
            ("Let it write:", $"{name} generate {folder} --prompt {prompt}", run.Best is not null),
            ("Measure it, on this text or another:", $"{name} evaluate {folder}", run.Best is not null),
            ("Bring this page up to date:", $"{name} report {folder}", true),
        ];
        return $"<h2>How to go on</h2>\n{string.Concat(commands.Where(each => each.Applies).Select(each =>
            $"<p>{each.What}</p>\n<pre>{Html.Escape(each.Command)}</pre>\n"))}";
    }
}
