using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Cli;
using Inkling.Cli.Screen;

namespace Inkling.Tests.Cli;

/// <summary>Runs the command, in this process or in one of its own.</summary>
internal static class InklingCommand
{
    /// <summary>In this process, with nobody watching.</summary>
    public static CommandResult Run(params string[] args) => RunWithInput("", args);

    public static CommandResult RunWithInput(string input, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(input));
        var exitCode = CommandLine.Run(args, new Streams(stream, output, error, Terminal.None));
        return new CommandResult(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Starts a process, as a shell would.</summary>
    public static Process Start(string workingFolder, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Inkling.Cli.dll"), .. args])
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end of a process.</summary>
    public static CommandResult Finish(this Process process)
    {
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CommandResult(process.ExitCode, output, error.Result);
    }
}

/// <summary>What a command said.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<JsonObject> Json
        => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Assert.IsType<JsonObject>(JsonNode.Parse(line)))];
}
