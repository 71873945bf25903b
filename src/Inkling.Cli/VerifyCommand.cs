using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Cli.Screen;
using Inkling.Training.Verification;

namespace Inkling.Cli;

/// <summary><c>inkling verify</c>: whether the files of a model, a run or a checkpoint are whole and belong together.</summary>
internal static class VerifyCommand
{
    public static Command Create(Streams streams)
    {
        var folder = new Argument<string>("folder") { Description = "Folder of a model, of a run, or of one checkpoint" }.NotEmpty();
        var json = new Option<bool>("--json") { Description = "One line of JSON per file, and one for all" };
        var command = new Command("verify", "Checks every file of a model or a run; says all that is wrong and changes nothing.") { folder, json };
        command.SetAction(parse =>
        {
            var isJson = parse.GetValue(json);
            var verified = Verify(parse.GetRequiredValue(folder), streams, isProgressShown: !isJson && streams.Terminal.CanRedraw);
            if (isJson)
            {
                WriteJson(streams.Output, verified);
            }
            else
            {
                Show(streams, verified);
            }

            return verified.FaultCount == 0 ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static FolderVerification Verify(string folder, Streams streams, bool isProgressShown)
    {
        if (!isProgressShown)
        {
            return FolderVerification.Of(folder);
        }

        var live = new LiveLines(streams.Output, streams.Terminal);
        var bytesRead = 0L;
        try
        {
            return FolderVerification.Of(folder, (path, bytes) =>
            {
                bytesRead += bytes;
                live.Update(_ => [$"{Units.Bytes(bytesRead)} read, now {OneLine(path)}"], () => "");
            });
        }
        finally
        {
            live.Clear();
        }
    }

    private static void Show(Streams streams, FolderVerification verified)
    {
        var (output, terminal) = (streams.Output, streams.Terminal);
        var sheet = new Sheet(output, terminal);
        List<string[]> rows = [["file", "size", "found"], .. verified.Files.Select(file => new[] { OneLine(file.Path), file.Bytes is { } bytes ? Units.Bytes(bytes) : "", Found(file) })];
        string[] lines = [.. Columns.Create(rows)];
        output.WriteLine(lines[0]);
        foreach (var (file, line) in verified.Files.Zip(lines.Skip(1)))
        {
            output.WriteLine(file.Faults.Count > 0 ? terminal.Paint(Style.Notable, line) : line);
            foreach (var fault in file.Faults)
            {
                sheet.Add("  fault", OneLine(fault));
            }

            foreach (var note in file.Notes)
            {
                sheet.Add("  note", OneLine(note));
            }
        }

        output.WriteLine();
        var (fileCount, bytesOfAll) = Sum(verified);
        var files = Describe.Count(fileCount, "file");
        if (verified.FaultCount == 0)
        {
            var checkpoints = verified.Kind == FolderKind.Run ? $", {Describe.Count(verified.CheckpointCount, "checkpoint")}" : "";
            output.WriteLine(terminal.Paint(Style.Good, $"all is well: {files}, {Units.Bytes(bytesOfAll)}{checkpoints}"));
            return;
        }

        output.WriteLine(terminal.Paint(Style.Notable, $"{Describe.Count(verified.FaultCount, "fault")} in {files}"));
        if (Remedy(verified) is { } remedy)
        {
            output.WriteLine($"{remedy}:");
            output.WriteLine($"  {Invocation.Name} train --resume --out {Invocation.Quote(verified.FolderPath)}");
        }
        else if (verified.Kind == FolderKind.Run)
        {
            output.WriteLine("the run cannot go on from what is there");
        }
    }

    private static string Found(VerifiedFile file)
        => file switch
        {
            { Faults.Count: > 0, Bytes: null } => "missing",
            { Faults.Count: > 0 } => "wrong",
            { Notes.Count: > 0 } => "see note",
            _ => "ok",
        };

    private static string? Remedy(FolderVerification verified)
        => (verified.RestoresModel, verified.ResumeStep) switch
        {
            (true, var step) => $"to bring the best model back from its checkpoint, and go on at step {step:N0}",
            (_, { } step) => $"to go on at step {step:N0}, where all that is needed is good",
            _ => null,
        };

    private static void WriteJson(TextWriter output, FolderVerification verified)
    {
        foreach (var file in verified.Files)
        {
            output.WriteJsonLine(new JsonObject { ["path"] = file.Path, ["bytes"] = file.Bytes, ["faults"] = Array(file.Faults), ["notes"] = Array(file.Notes) });
        }

        var (fileCount, bytes) = Sum(verified);
        output.WriteJsonLine(new JsonObject
        {
            ["folder"] = verified.FolderPath,
            ["kind"] = Kebab.From(verified.Kind.ToString()),
            ["fileCount"] = fileCount,
            ["bytes"] = bytes,
            ["checkpointCount"] = verified.CheckpointCount,
            ["faultCount"] = verified.FaultCount,
            ["resumeStep"] = verified.ResumeStep,
            ["restoresModel"] = verified.RestoresModel,
        });

        static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
    }

    private static (int Count, long Bytes) Sum(FolderVerification verified)
        => (verified.Files.Count(file => file.Bytes is not null), verified.Files.Sum(file => file.Bytes ?? 0));

    /// <summary>Names come from the disk and from files: nothing in them that a terminal would obey.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
