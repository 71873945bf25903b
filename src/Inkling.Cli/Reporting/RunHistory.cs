using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Inkling.Training;

namespace Inkling.Cli.Reporting;

/// <summary>What the folder of a run tells about its course.</summary>
internal sealed record RunHistory
{
    public const string MetricsName = "metrics.jsonl";
    public const string JournalName = "journal.jsonl";

    private const string SettingsName = "run.json";

    /// <summary>The folder, as it was given.</summary>
    public required string FolderPath { get; init; }

    /// <summary>What the run was begun with.</summary>
    public required RunSettings Settings { get; init; }

    /// <summary>Lines of training, in their order.</summary>
    public required IReadOnlyList<MetricsLine> Training { get; init; }

    /// <summary>Lines of evaluations, in their order.</summary>
    public required IReadOnlyList<MetricsLine> Evaluations { get; init; }

    /// <summary>The journal; empty for a run that kept none.</summary>
    public required IReadOnlyList<JournalLine> Journal { get; init; }

    /// <summary>Steps done, as far as reported.</summary>
    public long Step => Math.Max(Training.LastOrDefault()?.Step ?? 0, Evaluations.LastOrDefault()?.Step ?? 0);

    /// <summary>Step at which the run ends; a later session may have moved it.</summary>
    public long LastStep => Math.Max(Step, Session?.LastStep ?? Settings.Training.LastStep);

    /// <summary>Whether the last step is done, or patience was at an end before it.</summary>
    public bool IsComplete => Step >= LastStep || Journal is [.., { Ended: RunEndReason.OutOfPatience }];

    /// <summary>Whether it ended because too many steps in a row were skipped.</summary>
    public bool HasGivenUp => Journal is [.., { Ended: RunEndReason.TooManySkippedSteps }];

    /// <summary>The evaluation with the lowest loss; null before the first.</summary>
    public MetricsLine? Best => Evaluations.Where(line => double.IsFinite(line.ValidationLoss!.Value)).MinBy(line => line.ValidationLoss);

    /// <summary>The newest session; null for a run without a journal.</summary>
    public RunSession? Session => Journal.LastOrDefault(line => line.Session is not null)?.Session;

    /// <summary>Lines that say how fast it went.</summary>
    public IEnumerable<JournalLine> Speeds => Journal.Where(line => line.TokensPerSecond is > 0);

    /// <summary>Seconds of all sessions; 0 without a journal.</summary>
    public double Seconds => Journal.LastOrDefault(line => line.Seconds is not null)?.Seconds ?? 0;

    /// <summary>The text of each step that has one; an evaluation that was done again wrote the same text again.</summary>
    public IEnumerable<JournalLine> Samples => Journal.Where(line => line.Sample is not null).GroupBy(line => line.Step).Select(lines => lines.Last());

    /// <summary>The highest measured peak of the newest session in GFLOP/s; 0 without a journal.</summary>
    public double PeakGflops
        => Journal.Skip(Journal.Index().LastOrDefault(each => each.Item.Session is not null).Index)
            .Max(line => line.PeakGflops ?? line.Session?.PeakGflops) ?? 0;

    /// <summary>Whether a folder holds a run.</summary>
    public static bool IsRun(string folder) => File.Exists(Path.Combine(folder, SettingsName));

    /// <summary>Reads a folder. Lines that cannot be read, such as one that a crash has torn, are left out.</summary>
    /// <exception cref="FailureException">There is no run.</exception>
    /// <exception cref="Formats.ModelFormatException">Its settings are damaged.</exception>
    public static RunHistory Read(string folder)
    {
        if (!IsRun(folder))
        {
            throw new FailureException($"{folder} holds no run: it has no {SettingsName}");
        }

        var settings = TrainingRun.ReadSettings(folder);
        var metrics = Lines(Path.Combine(folder, MetricsName), ReportingContext.Default.MetricsLine);
        return new RunHistory
        {
            FolderPath = folder,
            Settings = settings,
            Training = [.. metrics.Where(line => line.Loss is not null)],
            Evaluations = [.. metrics.Where(line => line.ValidationLoss is not null)],
            Journal = Lines(Path.Combine(folder, JournalName), ReportingContext.Default.JournalLine),
        };
    }

    private static List<T> Lines<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        var lines = new List<T>();
        if (!File.Exists(path))
        {
            return lines;
        }

        // The training may still be writing it.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } text)
        {
            try
            {
                if (JsonSerializer.Deserialize(text, type) is { } line)
                {
                    lines.Add(line);
                }
            }
            catch (JsonException)
            {
            }
        }

        return lines;
    }
}
