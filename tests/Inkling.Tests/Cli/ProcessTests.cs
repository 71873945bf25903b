using System.Diagnostics;
using Inkling.Tests.Formats;

namespace Inkling.Tests.Cli;

/// <summary>The command as a process of its own.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ProcessTests()
        => File.WriteAllText(_folder["tale.txt"], string.Concat(Enumerable.Repeat("ink and pen – ", 60)));

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void A_signal_saves_and_names_the_command_that_goes_on(string signal, int exitCode)
    {
        // Far more steps than the test has time for.
        using var process = InklingCommand.Start(
            _folder.Path, "train", "tale.txt", "--layer-count", "1", "--width", "16", "--context", "16", "--threads", "1", "--steps", "100000000",
            "--evaluate-every", "100000000", "--save-every", "100000000");
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("step 1/", StringComparison.Ordinal))
        {
        }

        // Impatience must not end the save.
        Send(signal, process);
        Send(signal, process);
        Send(signal, process);
        var result = process.Finish();

        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"interrupted at step [\d,]+ of 100,000,000, all saved; to go on:\n  \S*inkling train --resume --out runs/tale\n$", result.Output);

        using var resumed = InklingCommand.Start(_folder.Path, "train", "--resume", "--out", "runs/tale", "--stop-at", "1");
        var again = resumed.Finish();
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Matches(@"note +The run goes on at step \d+\.", again.Output);
    }

    [Fact]
    public void Text_is_UTF8_in_both_directions()
    {
        using var training = InklingCommand.Start(
            _folder.Path, "train", "tale.txt", "--layer-count", "1", "--width", "16", "--context", "16", "--threads", "1", "--steps", "1");
        Assert.Equal(0, training.Finish().ExitCode);

        using var writing = InklingCommand.Start(_folder.Path, "generate", "runs/tale", "-", "--tokens", "40", "--threads", "1");
        writing.StandardInput.BaseStream.Write("ink –"u8);
        var result = writing.Finish();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches("^ink –[inkadpe –]{40}\n$", result.Output);
    }

    private static void Send(string signal, Process process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }
}
