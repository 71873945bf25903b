using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Training;

namespace Inkling.Cli.Reporting;

/// <summary>Keeps a run's journal and its page. Neither is worth ending a training for: what cannot be written is said once.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="warn">Takes what there is to say.</param>
internal sealed class RunReporter(string folder, Action<string> warn) : IDisposable
{
    public const string PageName = "report.html";

    private MetricsLog? _journal;
    private double _secondsBefore;
    private bool _hasWarned;

    /// <summary>The page, whether it is there yet or not.</summary>
    public string PagePath => Path.Combine(folder, PageName);

    /// <summary>Writes the page of a run that is in a folder.</summary>
    /// <exception cref="FailureException">There is no run.</exception>
    /// <exception cref="IOException">The page cannot be written.</exception>
    /// <exception cref="ModelFormatException">The run's settings are damaged.</exception>
    public static string WritePage(string folder)
    {
        var page = ReportPage.Create(RunHistory.Read(folder));
        var path = Path.Combine(folder, PageName);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
        return path;
    }

    /// <summary>Begins a session; what was written after its first step is taken back, as in the metrics.</summary>
    public void Begin(long step, RunSession session) => Try(() =>
    {
        var path = Path.Combine(folder, RunHistory.JournalName);
        MetricsLog.CutBackTo(path, step);
        _secondsBefore = RunHistory.Read(folder).Seconds;
        _journal = new MetricsLog(path);
        Append(new JournalLine { Step = step, Session = session });
    });

    /// <summary>Notes how long and how fast it went.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="seconds">Of this session.</param>
    /// <param name="tokensPerSecond">Since the last note.</param>
    public void AddSpeed(long step, double seconds, double tokensPerSecond)
        => Try(() => Append(new JournalLine { Step = step, Seconds = _secondsBefore + seconds, TokensPerSecond = tokensPerSecond }));

    /// <summary>Notes what the model wrote.</summary>
    public void AddSample(long step, string text, IReadOnlyDictionary<string, string>? grades)
        => Try(() => Append(new JournalLine { Step = step, Sample = text, Grades = grades }));

    /// <summary>Notes where the session ended, and why.</summary>
    public void End(long step, double seconds, double peakGflops, RunEndReason reason)
        => Try(() => Append(new JournalLine { Step = step, Seconds = _secondsBefore + seconds, PeakGflops = peakGflops, Ended = reason }));

    /// <summary>Writes the page as things stand.</summary>
    /// <returns>Whether that worked.</returns>
    public bool Refresh() => Try(() => WritePage(folder));

    /// <inheritdoc/>
    public void Dispose() => Try(() => _journal?.Dispose());

    private void Append(JournalLine line)
        => _journal?.Append(line.Step, (JsonObject)JsonSerializer.SerializeToNode(line, ReportingContext.Default.JournalLine)!);

    private bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or FailureException)
        {
            if (!_hasWarned)
            {
                _hasWarned = true;
                warn($"The report cannot be written, and the training goes on without it. {e.Message}");
            }

            return false;
        }
    }
}
