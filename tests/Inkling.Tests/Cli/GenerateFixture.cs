using Inkling.Tests.Formats;

namespace Inkling.Tests.Cli;

/// <summary>A small model for the tests of <c>generate</c>; its 13 tokens are characters of one to four bytes.</summary>
public sealed class GenerateFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public GenerateFixture()
    {
        File.WriteAllText(this["tale.txt"], string.Concat(Enumerable.Repeat("ink é – 墨 😀 and pen\n", 60)));
        var trained = InklingCommand.Run(
            "train", this["tale.txt"], "--out", Model, "--layer-count", "1", "--width", "16", "--head-count", "2", "--context", "16", "--batch", "4",
            "--threads", "1", "--steps", "20", "--warmup-steps", "2", "--sample-tokens", "0");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
    }

    public string Model => this["run"];

    public string FolderPath => _folder.Path;

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();
}
