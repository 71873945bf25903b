using System.Text;
using Inkling.Tests.Formats;

namespace Inkling.Tests.Cli;

public sealed class WrongInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Out => _folder["out"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_corpus_is_named() => FailsToTrain(_folder["no.txt"], "{0} does not exist.");

    [Fact]
    public void A_folder_is_no_corpus() => FailsToTrain(_folder.Path, "{0} is a folder; a corpus is one text file.");

    [Fact]
    public void An_empty_corpus_is_refused() => FailsToTrain(Write([]), "{0} is empty, or no regular file.");

    [Fact]
    public void A_pipe_is_refused_and_not_waited_for()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var pipe = _folder["pipe"];
        System.Diagnostics.Process.Start("mkfifo", [pipe])!.WaitForExit();
        FailsToTrain(pipe, "{0} is empty, or no regular file.");
    }

    [Fact]
    public void Invalid_UTF8_is_refused_with_its_offset()
        => FailsToTrain(Write([.. Encoding.UTF8.GetBytes("abc"), 0xFF, 0x41]), "{0} is not UTF-8 text. Byte 0xFF at offset 3 is not valid UTF-8.");

    [Fact]
    public void A_corpus_shorter_than_a_window_is_refused()
        => FailsToTrain(
            Write(Encoding.UTF8.GetBytes(new string('a', 100))),
            "The validation part has 10 tokens, but a context of 64 needs at least 65. Take a longer text or a shorter context.");

    [Fact]
    public void What_does_not_fit_into_memory_is_refused()
    {
        var corpus = Write(Encoding.UTF8.GetBytes(new string('a', 1000)));
        var result = InklingCommand.Run("train", corpus, "--out", Out, "--batch", "1000000000");

        Assert.Equal(1, result.ExitCode);
        Assert.Matches(
            @"^inkling: this needs at least 197 TB of memory, and this machine has .+; --micro-batch-size \d+ takes about .+; --micro-batch-size \d+ --recompute takes .+ more arithmetic\n$",
            result.Error);
        Assert.False(Path.Exists(Out));
    }

    [Fact]
    public void A_folder_that_holds_something_takes_no_run()
    {
        var corpus = Write(Encoding.UTF8.GetBytes(new string('a', 1000)));
        Fails($"{_folder.Path} is not empty; go on with the run in it with --resume, or choose another folder with --out.",
            "train", corpus, "--out", _folder.Path);
        Assert.Equal([corpus], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_run_that_is_not_there_cannot_be_resumed()
        => Fails($"{Out} does not exist, so there is no run to resume; leave out --resume to begin one.", "train", "--resume", "--out", Out);

    [Theory]
    [InlineData("generate")]
    [InlineData("evaluate")]
    [InlineData("info")]
    public void A_missing_model_folder_is_named(string verb) => Fails($"{Out}: there is no such folder", verb, Out);

    [Theory]
    [InlineData("generate")]
    [InlineData("evaluate")]
    [InlineData("info")]
    public void An_incomplete_model_folder_says_what_is_missing(string verb)
        => Fails(
            $"{_folder.Path}: is not a complete model folder; missing: config.json, model.safetensors, tokenizer.json, inkling.json",
            verb, _folder.Path);

    [Theory]
    [InlineData("""{"head-cuont": 4}""", 2, "{0}: 'head-cuont' is no option of the model or its training; --help lists them, and the file leaves out the dashes")]
    [InlineData("""{"head-count": [4]}""", 2, "{0}: head-count must be a number, a text, true or false")]
    [InlineData("""{"head-count": "x"}""", 2, "--head-count is 'x'; it must be a whole number, such as 8")]
    [InlineData("""{"query-key-norm": "maybe"}""", 2, "--query-key-norm is 'maybe'; choose true, false")]
    [InlineData("""[]""", 1, "{0} is not a JSON object of options")]
    public void A_wrong_configuration_file_is_refused(string json, int exitCode, string message)
    {
        var file = Write(Encoding.UTF8.GetBytes(json));
        var result = InklingCommand.Run("info", "--config", file);

        Assert.Equal((exitCode, $"inkling: {string.Format(null, message, file)}\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void A_configuration_that_is_not_JSON_says_where()
    {
        var file = Write(Encoding.UTF8.GetBytes("{nonsense"));
        var result = InklingCommand.Run("info", "--config", file);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"inkling: {file} is no JSON object with each option once (line 1", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private void FailsToTrain(string corpus, string message)
    {
        Fails(string.Format(null, message, corpus), "train", corpus, "--out", Out);
        Assert.False(Path.Exists(Out));
    }

    private static void Fails(string message, params string[] args)
    {
        var result = InklingCommand.Run(args);

        Assert.Equal((1, "", $"inkling: {message}\n"), (result.ExitCode, result.Output, result.Error));
    }

    private string Write(byte[] content)
    {
        var path = _folder["file.txt"];
        File.WriteAllBytes(path, content);
        return path;
    }
}
