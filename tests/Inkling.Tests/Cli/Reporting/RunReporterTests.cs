using System.Text.Json.Nodes;
using Inkling.Cli.Reporting;
using Inkling.Tests.Formats;
using Inkling.Training;

namespace Inkling.Tests.Cli.Reporting;

public sealed class RunReporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _run;

    public RunReporterTests()
    {
        File.WriteAllText(_folder["tale.txt"], string.Concat(Enumerable.Repeat("ink and pen – ", 60)));
        _run = _folder["run"];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_leaves_a_journal_and_a_page()
    {
        Assert.Equal(0, Train("--steps", "20").ExitCode);

        var journal = File.ReadLines(Path.Combine(_run, "journal.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal(0, (int)journal[0]["step"]!);
        Assert.Equal(96, (int)journal[0]["session"]!["validationBytes"]!);
        Assert.Equal([10, 20], journal.Where(line => line.ContainsKey("tokensPerSecond")).Select(line => (int)line["step"]!));
        Assert.Equal([10, 20], journal.Where(line => line.ContainsKey("sample")).Select(line => (int)line["step"]!));
        Assert.True((double)journal[^1]["seconds"]! > 0);
        Assert.Contains("Step 20 of 20", File.ReadAllText(Path.Combine(_run, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_takes_back_what_it_will_do_again_and_counts_its_time_on()
    {
        Assert.Equal(0, Train("--steps", "20", "--stop-at", "10").ExitCode);
        var journal = Path.Combine(_run, "journal.jsonl");
        File.AppendAllText(journal, """
            {"step":10,"seconds":1000}
            {"step":15,"sample":"from a future that was lost"}
            {"step":15,"seco
            """);

        Assert.Equal(0, InklingCommand.Run("train", "--resume", "--out", _run, "--stop-at", "20").ExitCode);

        var run = RunHistory.Read(_run);
        Assert.Equal([10, 20], run.Samples.Select(line => line.Step));
        Assert.Equal(2, run.Journal.Count(line => line.Session is not null));
        Assert.True(run.Seconds > 1_000);
        Assert.Equal((20, 20), (run.Step, run.LastStep));
    }

    [Fact]
    public void The_metrics_know_nothing_of_clock_and_machine()
    {
        Assert.Equal(0, Train("--steps", "20").ExitCode);
        var first = File.ReadAllText(Path.Combine(_run, "metrics.jsonl"));
        Directory.Delete(_run, recursive: true);
        Assert.Equal(0, Train("--steps", "20").ExitCode);

        Assert.Equal(first, File.ReadAllText(Path.Combine(_run, "metrics.jsonl")));
    }

    [Fact]
    public void A_page_is_made_again()
    {
        Assert.Equal(0, Train("--steps", "2").ExitCode);
        var page = Path.Combine(_run, "report.html");
        File.Delete(page);

        var result = InklingCommand.Run("report", _run);

        Assert.Equal((0, $"{page}\n", ""), (result.ExitCode, result.Output, result.Error));
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_from_before_there_was_a_journal_has_a_page()
    {
        Assert.Equal(0, Train("--steps", "2").ExitCode);
        File.Delete(Path.Combine(_run, "journal.jsonl"));

        Assert.Equal(0, InklingCommand.Run("report", _run).ExitCode);
        Assert.Contains("This run kept no journal.", File.ReadAllText(Path.Combine(_run, "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_run_is_refused()
    {
        var result = InklingCommand.Run("report", _folder.Path);

        Assert.Equal((1, $"inkling: {_folder.Path} holds no run: it has no run.json\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void What_cannot_be_written_is_said_once_and_ends_nothing()
    {
        Assert.Equal(0, Train("--steps", "2").ExitCode);
        var warnings = new List<string>();
        // Folders stand where the files should be.
        File.Delete(Path.Combine(_run, "report.html"));
        File.Delete(Path.Combine(_run, "journal.jsonl"));
        Directory.CreateDirectory(Path.Combine(_run, "report.html"));
        Directory.CreateDirectory(Path.Combine(_run, "journal.jsonl"));
        using var reporter = new RunReporter(_run, warnings.Add);

        reporter.Begin(0, new RunSession());
        reporter.AddSpeed(1, 1, 1);
        reporter.AddSample(1, "text", grades: null);
        reporter.End(1, 1, 1, RunEndReason.Completed);

        Assert.False(reporter.Refresh());
        Assert.StartsWith("The report cannot be written, and the training goes on without it. ", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private CommandResult Train(params string[] more) => InklingCommand.Run(
    [
        "train", _folder["tale.txt"], "--out", _run, "--layer-count", "1", "--width", "16", "--head-count", "2", "--context", "16", "--batch", "4",
        "--threads", "1", "--evaluate-every", "10", "--warmup-steps", "2", "--sample-tokens", "20", .. more,
    ]);
}
