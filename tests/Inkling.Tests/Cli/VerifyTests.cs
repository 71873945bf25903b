using Inkling.Tests.Formats;
using Inkling.Tests.Training;

namespace Inkling.Tests.Cli;

public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public VerifyTests()
    {
        File.WriteAllText(_folder["tale.txt"], TinyTraining.Text);
        var trained = InklingCommand.Run(
            "train", _folder["tale.txt"], "--out", Run, "--layer-count", "1", "--width", "16", "--context", "16", "--batch", "2", "--threads", "1",
            "--steps", "4", "--evaluate-every", "2", "--save-every", "2", "--keep-checkpoints", "2");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
    }

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_run_is_a_table_and_a_last_line()
    {
        var result = InklingCommand.Run("verify", Run);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var lines = result.Output.Split('\n');
        Assert.Matches("^file +size +found$", lines[0]);
        Assert.Matches("^manifest.json +[0-9.]+ kB +ok$", lines[1]);
        Assert.Contains(lines, line => line.StartsWith("checkpoints/step-000004/second-moments.safetensors ", StringComparison.Ordinal));
        Assert.Matches("^all is well: 24 files, [0-9.]+ kB, 2 checkpoints$", lines[^2]);
        Assert.All(lines, line => Assert.True(line.Length < 80, line));
    }

    [Fact]
    public void Faults_are_below_their_files_and_the_last_lines_say_what_to_do()
    {
        File.WriteAllText(_folder["run/inkling.json"], "{");
        File.Delete(_folder["run/config.json"]);
        var result = InklingCommand.Run("verify", Run);

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Matches("\ninkling.json +1 B +wrong\n  fault       has 1 bytes instead of [0-9]+\n  fault       line 1, byte ", result.Output);
        Assert.Matches("\nconfig.json +missing\n  fault       is missing, but manifest.json lists it\n", result.Output);
        Assert.EndsWith(
            $"\n3 faults in 23 files\nto bring the best model back from its checkpoint, and go on at step 4:\n  inkling train --resume --out {Run}\n",
            result.Output, StringComparison.Ordinal);

        Assert.Equal(0, InklingCommand.Run("train", "--resume", "--out", Run).ExitCode);
        Assert.Equal(0, InklingCommand.Run("verify", Run).ExitCode);
    }

    [Fact]
    public void A_run_without_a_good_checkpoint_cannot_go_on()
    {
        File.Delete(_folder["run/checkpoints/step-000002/state.json"]);
        File.Delete(_folder["run/checkpoints/step-000004/weights.safetensors"]);

        Assert.EndsWith("\n2 faults in 22 files\nthe run cannot go on from what is there\n", InklingCommand.Run("verify", Run).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_has_a_line_for_each_file_and_one_for_all()
    {
        File.AppendAllText(_folder["run/metrics.jsonl"], "{");
        var result = InklingCommand.Run("verify", Run, "--json");

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        var metrics = Assert.Single(result.Json, line => (string?)line["path"] == "metrics.jsonl");
        Assert.Matches("^line [0-9]+, the last, has no end", (string?)Assert.Single(metrics["faults"]!.AsArray()));
        var last = result.Json[^1];
        Assert.Equal(
            (Run, "run", 24, 2, 1, 4, false),
            ((string)last["folder"]!, (string)last["kind"]!, (int)last["fileCount"]!, (int)last["checkpointCount"]!, (int)last["faultCount"]!, (int)last["resumeStep"]!, (bool)last["restoresModel"]!));
        Assert.Equal(25, result.Json.Count);
    }

    [UnixFact]
    public void A_folder_that_cannot_be_written_is_verified()
    {
        using var readOnly = System.Diagnostics.Process.Start("chmod", ["-R", "a-w", Run]);
        readOnly.WaitForExit();
        try
        {
            Assert.Equal(0, InklingCommand.Run("verify", Run).ExitCode);
        }
        finally
        {
            using var writable = System.Diagnostics.Process.Start("chmod", ["-R", "u+w", Run]);
            writable.WaitForExit();
        }
    }

    [Fact]
    public void What_cannot_be_verified_is_one_line()
    {
        var result = InklingCommand.Run("verify", _folder.Path);

        Assert.Equal((1, "", $"inkling: {_folder.Path}: holds neither a model nor a run nor a checkpoint\n"), (result.ExitCode, result.Output, result.Error));
    }
}
