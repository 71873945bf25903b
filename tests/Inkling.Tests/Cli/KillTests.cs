using System.Diagnostics;
using System.Security.Cryptography;
using Inkling.Formats;
using Inkling.Kernels.Reference;
using Inkling.Tests.Formats;
using Inkling.Tests.Training;
using Inkling.Training.Verification;

namespace Inkling.Tests.Cli;

/// <summary>Runs that are killed without warning, at any moment, end as the one that was left alone.</summary>
public sealed class KillTests : IDisposable
{
    private const int Seed = 1;
    private const int RoundCount = 50;

    // A round waits for the disk and for processes to start: two at a time keep two processors busy.
    private const int RoundsAtOnce = 2;

    private const string Steps = "8";

    // What exists inside a save and at no other time, and roughly how often it shows in a run.
    private static readonly (string Name, int Count)[] InsideSaves = [(".tmp-", 20), (".incoming", 2), (".replaced", 1)];

    private readonly TemporaryFolder _folder = new();

    public KillTests() => File.WriteAllText(_folder["text.txt"], TinyTraining.Text);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_is_killed_at_any_moment_ends_with_the_same_bytes()
    {
        var clock = Stopwatch.StartNew();
        using (var whole = Begin("whole"))
        {
            Ends(whole, "the whole run");
        }

        var (milliseconds, expected) = ((int)clock.ElapsedMilliseconds, Outcome("whole"));
        Parallel.For(0, RoundCount, new ParallelOptions { MaxDegreeOfParallelism = RoundsAtOnce }, round =>
        {
            // Half of the rounds are killed after a while, the others inside a save.
            var (random, run, killings) = (new Random(Seed + (1_000 * round)), $"run-{round}", new List<string>());
            var killCount = 1 + random.Next(3);
            for (var kill = 0; kill < killCount; kill++)
            {
                using var process = Begin(run);
                killings.Add(round % 2 == 0
                    ? KillAfter(process, random.Next(milliseconds))
                    : KillInsideSave(process, run, random));
                IsWhole(run, Say());
            }

            using (var last = Begin(run))
            {
                Ends(last, Say());
            }

            Assert.True(expected.SequenceEqual(Outcome(run)), $"{Say()}: {string.Join("; ", Outcome(run).Except(expected))} instead of {string.Join("; ", expected.Except(Outcome(run)))}");
            Assert.True(FolderVerification.Of(_folder[run]).FaultCount == 0, Say());
            Directory.Delete(_folder[run], recursive: true);

            string Say() => $"seed {Seed}, round {round}, killed {string.Join(", then ", killings)}";
        });
    }

    /// <summary>Begins the run, or goes on with it if it has begun.</summary>
    private Process Begin(string run)
    {
        string[] what = HasBegun(run)
            ? ["--resume"]
            :
            [
                "text.txt", "--layer-count", "1", "--width", "16", "--context", "16", "--batch", "2", "--steps", Steps, "--report-every", "1", "--save-every", "1",
                "--evaluate-every", "2", "--keep-checkpoints", "2",
            ];
        return InklingCommand.Start(_folder.Path, ["train", .. what, "--out", run, "--threads", "1", "--sample-tokens", "0"]);
    }

    private bool HasBegun(string run) => File.Exists(_folder[$"{run}/run.json"]) || File.Exists(_folder[$"{run}/.incoming/run.json"]);

    private static string KillAfter(Process process, int milliseconds)
    {
        if (process.WaitForExit(milliseconds))
        {
            return $"never, as it ended within {milliseconds} ms";
        }

        Kill(process);
        return $"after {milliseconds} ms";
    }

    /// <summary>Kills it when it is seen saving, not always the first time.</summary>
    private string KillInsideSave(Process process, string run, Random random)
    {
        var (name, count) = InsideSaves[random.Next(InsideSaves.Length)];
        var (earlier, later) = (random.Next(count), random.Next(3));
        var (seen, isSeen) = (0, false);
        while (!process.HasExited)
        {
            var was = isSeen;
            isSeen = Entries(run).Any(entry => entry.Contains(name, StringComparison.Ordinal));
            if (isSeen && !was && seen++ == earlier)
            {
                Thread.Sleep(later);
                Kill(process);
                return $"{later} ms after {name} showed for the {seen}. time";
            }
        }

        return $"never, as {name} showed {seen} times, not {earlier + 1}";
    }

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }

    private static void Ends(Process process, string what)
    {
        var result = process.Finish();
        Assert.True(result is { ExitCode: 0, Error: "" }, $"{what}: exit code {result.ExitCode}, {result.Error}");
    }

    /// <summary>What is there right after a kill is good: the model is complete or not there yet, and no file of the run is damaged.</summary>
    private void IsWhole(string run, string what)
    {
        if (!HasBegun(run))
        {
            return;
        }

        var verified = FolderVerification.Of(_folder[run]);
        Assert.True(verified.FaultCount == 0, $"{what}: {string.Join("; ", verified.Files.SelectMany(file => file.Faults.Select(fault => $"{file.Path}: {fault}")))}");
        try
        {
            using var kernels = new ReferenceKernels<float>();
            using var model = ModelFolder.Load(_folder[run], kernels).Model;
        }
        catch (ModelFormatException e)
        {
            Assert.True(e.Problem.StartsWith("is not a complete model folder; missing: config.json, model.safetensors", StringComparison.Ordinal), $"{what}: {e.Message}");
        }
    }

    /// <summary>Names and hashes of all that must not depend on what happened on the way; the run that is resumed last keeps its checkpoint.</summary>
    private string[] Outcome(string run)
    {
        string[] ofThisMachine = [".lock", "journal.jsonl", "report.html"];
        var last = Entries(run).Where(path => path.Contains("step-", StringComparison.Ordinal)).Max(StringComparer.Ordinal)!;
        return
        [
            .. Directory.EnumerateFiles(_folder[run], "*", SearchOption.AllDirectories)
                .Where(path => !ofThisMachine.Contains(Path.GetFileName(path)))
                .Where(path => !path.Contains("step-", StringComparison.Ordinal) || Path.GetDirectoryName(path) == last)
                .Order(StringComparer.Ordinal)
                .Select(path => $"{Path.GetRelativePath(_folder[run], path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"),
            .. Entries(run).Where(path => InsideSaves.Any(inside => path.Contains(inside.Name, StringComparison.Ordinal))),
        ];
    }

    private IEnumerable<string> Entries(string run)
        => new[] { _folder[run], _folder[$"{run}/checkpoints"] }.Where(Directory.Exists).SelectMany(Directory.GetFileSystemEntries);
}
