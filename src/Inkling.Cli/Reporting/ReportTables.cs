using System.Text;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli.Reporting;

/// <summary>The part of a run's page that is looked up: every setting, the machine and the corpus.</summary>
internal static class ReportTables
{
    public static string Create(RunHistory run)
    {
        var (model, training, preset) = (run.Settings.Model, run.Settings.Training, run.Settings.Preset ?? "");
        var presetModel = GptPresets.Shapes.GetValueOrDefault(preset);
        var presetTraining = Recipes.ByPreset.GetValueOrDefault(preset);
        return $"""
            <h2>Configuration</h2>
            <p class="lead">{(presetModel is null ? "" : $"What differs from the preset {Html.Escape(preset)} is bold, with the preset's value beside it.")}</p>
            <div class="tables">
            {Table("Model", [Settings.Vocabulary, .. Settings.Model], model, presetModel is null ? null : presetModel with { VocabularySize = model.VocabularySize })}
            {Table("Recipe", Settings.Training, training, presetTraining)}
            </div>
            <h2>Machine and corpus</h2>
            <div class="tables">
            {Facts(Machine(run))}
            {Facts(Corpus(run))}
            </div>

            """;
    }

    private static string Table<T>(string caption, IEnumerable<Setting<T>> settings, T options, T? preset)
        where T : class
    {
        var html = new StringBuilder($"<table><caption>{caption}</caption>\n");
        foreach (var setting in settings)
        {
            var value = setting.Get(options);
            var usual = preset is null ? value : setting.Get(preset);
            html.Append(value == usual ? "<tr>" : "<tr class=\"changed\">");
            html.Append(null, $"<th scope=\"row\">{setting.Name}</th><td class=\"value\">{Html.Escape(value)}");
            html.Append(value == usual ? "" : $" <em>(preset: {Html.Escape(usual)})</em>");
            html.AppendLine($"</td><td>{Html.Escape(setting.Description)}</td></tr>");
        }

        return html.Append("</table>").ToString();
    }

    private static IEnumerable<(string Name, string Value)> Machine(RunHistory run)
    {
        if (run.Session is not { } session)
        {
            yield return ("machine", "This run kept no journal.");
            yield break;
        }

        yield return ("processor", session.Processor);
        yield return ("kernels", session.Kernels);
        yield return ("precision", session.Precision);
        yield return ("peak", $"{run.PeakGflops:N0} GFLOP/s measured, {session.PeakOf}");
        yield return ("runtime", session.Runtime);
        foreach (var line in run.Journal.Where(line => line.Session is not null))
        {
            yield return (line.Step == 0 ? "begun" : $"resumed at {line.Step:N0}", $"{line.Session!.StartedAt:yyyy-MM-dd HH:mm} UTC");
        }
    }

    private static IEnumerable<(string Name, string Value)> Corpus(RunHistory run)
    {
        yield return ("corpus", run.Settings.CorpusDescription);
        if (run.Session is { } session)
        {
            yield return ("size", $"{session.CorpusBytes:N0} bytes");
            yield return ("to learn from", $"{session.TrainingTokens:N0} tokens");
            yield return ("to validate with", $"{session.ValidationTokens:N0} tokens");
            var seen = (double)run.Step * run.Settings.Training.BatchSize * run.Settings.Model.ContextLength;
            yield return ("seen", $"{Units.Count(seen)} tokens, {seen / Math.Max(1, session.TrainingTokens):0.0} times the text to learn from");
        }

        if (run.Settings.CorpusSha256 is { } hash)
        {
            yield return ("SHA-256", hash);
        }
    }

    private static string Facts(IEnumerable<(string Name, string Value)> facts)
        => $"<table class=\"facts\">{string.Concat(facts.Select(fact =>
            $"<tr><th scope=\"row\">{Html.Escape(fact.Name)}</th><td>{Html.Escape(fact.Value)}</td></tr>\n"))}</table>";
}
