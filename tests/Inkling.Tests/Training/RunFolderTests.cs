using Inkling.Tests.Formats;
using Inkling.Training;

namespace Inkling.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_run_makes_its_folder_and_those_above()
    {
        using var run = RunFolder.Create(_folder["runs/a"]);

        Assert.Equal(_folder["runs/a"], run.FolderPath);
        Assert.Equal(_folder["runs/a/metrics.jsonl"], run.MetricsPath);
        Assert.Equal(_folder["runs/a/checkpoints"], run.CheckpointsPath);
        Assert.Equal([".lock"], _folder.Entries("runs/a"));
    }

    [Fact]
    public void An_empty_folder_and_one_with_nothing_but_a_lock_take_a_new_run()
    {
        Directory.CreateDirectory(_folder["a"]);
        RunFolder.Create(_folder["a"]).Dispose();
        RunFolder.Create(_folder["a"]).Dispose();
    }

    [Fact]
    public void A_folder_that_holds_something_is_left_alone()
    {
        Directory.CreateDirectory(_folder["a/b"]);

        Refused(
            () => RunFolder.Create(_folder["a"]),
            $"{_folder["a"]} is not empty; go on with the run in it with --resume, or choose another folder with --out.");
        Assert.Equal(["b"], _folder.Entries("a"));
    }

    [Fact]
    public void A_file_is_not_a_folder()
    {
        File.WriteAllText(_folder["a"], "");

        Refused(() => RunFolder.Create(_folder["a"]), $"{_folder["a"]} is a file; choose another folder with --out.");
        Assert.StartsWith(
            $"{_folder["a/b"]} cannot be made. ", Assert.Throws<RunFolderException>(() => RunFolder.Create(_folder["a/b"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_do_not_share_a_folder()
    {
        var message = $"{_folder["a"]} is in use by another run; wait for it, or choose another folder with --out.";
        using (RunFolder.Create(_folder["a"]))
        {
            Refused(() => RunFolder.Create(_folder["a"]), message);
            Refused(() => RunFolder.Resume(_folder["a"]), message);
        }

        using (RunFolder.Resume(_folder["a"]))
        {
            Refused(() => RunFolder.Resume(_folder["a"]), message);
        }
    }

    [Fact]
    public void There_must_be_a_run_to_resume()
        => Refused(
            () => RunFolder.Resume(_folder["none"]),
            $"{_folder["none"]} does not exist, so there is no run to resume; leave out --resume to begin one.");

    [Fact]
    public void A_lock_that_cannot_be_written_is_named()
    {
        Directory.CreateDirectory(_folder["a/.lock"]);

        Assert.StartsWith(
            $"{_folder["a"]} cannot be written. ", Assert.Throws<RunFolderException>(() => RunFolder.Resume(_folder["a"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resuming_removes_what_a_crash_left_and_nothing_else()
    {
        Directory.CreateDirectory(_folder["a/checkpoints/.tmp-x"]);
        Directory.CreateDirectory(_folder["a/checkpoints/step-000001"]);
        File.WriteAllText(_folder["a/checkpoints/.tmp-x/weights.safetensors"], "");
        File.WriteAllText(_folder["a/.tmp-y"], "");
        File.WriteAllText(_folder["a/config.json"], "");

        RunFolder.Resume(_folder["a"]).Dispose();

        Assert.Equal([".lock", "checkpoints", "config.json"], _folder.Entries("a"));
        Assert.Equal(["step-000001"], _folder.Entries("a/checkpoints"));
    }

    [Theory]
    [InlineData("shakespeare", "shakespeare")]
    [InlineData("my text (2).v1", "my-text--2-.v1")]
    [InlineData("..", "run")]
    [InlineData("", "run")]
    [InlineData("../../etc/passwd", "-..-etc-passwd")]
    public void A_run_is_named_after_its_corpus(string name, string expected)
    {
        Assert.Equal(_folder[expected], RunFolder.NextFree(_folder.Path, name));

        Directory.CreateDirectory(_folder[expected]);
        Assert.Equal(_folder[expected + "-2"], RunFolder.NextFree(_folder.Path, name));

        File.WriteAllText(_folder[expected + "-2"], "");
        Assert.Equal(_folder[expected + "-3"], RunFolder.NextFree(_folder.Path, name));
    }

    private static void Refused(Func<RunFolder> open, string message) => Assert.Equal(message, Assert.Throws<RunFolderException>(open).Message);
}
