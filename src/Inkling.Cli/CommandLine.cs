using System.CommandLine;
using System.CommandLine.Help;
using Inkling.Cli.Tokenizers;
using Inkling.Generation;
using Inkling.Text;

namespace Inkling.Cli;

/// <summary>The verbs, and what every one of them does about errors.</summary>
internal static class CommandLine
{
    private static readonly ParserConfiguration Parsing = new()
    {
        // A prompt may begin with @, and no option is a single letter.
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    /// <summary>Runs the command and returns its exit code.</summary>
    public static int Run(string[] args, Streams streams)
    {
        try
        {
            var result = Parse(args, streams);
            if (result.Action is not HelpWithExamples)
            {
                Suggestion.RequireKnown(result);
            }

            return result.Errors.Count > 0
                ? throw new UsageException($"{result.Errors[0].Message.TrimEnd('.')}; see {NameOf(result.CommandResult.Command)} --help")
                : result.Invoke(new InvocationConfiguration
                {
                    Output = streams.Output,
                    Error = streams.Error,
                    EnableDefaultExceptionHandler = false,
                    // Otherwise the process would end two seconds after Ctrl-C, in the middle of a save.
                    ProcessTerminationTimeout = null,
                });
        }
        catch (UsageException e)
        {
            return Fail(e, ExitCode.Usage);
        }
        catch (IOException e) when (Streams.IsClosedPipe(e))
        {
            return ExitCode.ClosedPipe; // quietly: whoever read has seen enough
        }
        catch (Exception e) when (IsForeseen(e))
        {
            return Fail(e, ExitCode.Failure);
        }

        int Fail(Exception e, int exitCode)
        {
            streams.Error.WriteLine($"inkling: {OneLine(e.Message)}");
            return exitCode;
        }
    }

    /// <summary>Takes the arguments apart without running anything.</summary>
    public static ParseResult Parse(string[] args, Streams streams) => CreateRoot(streams).Parse(args, Parsing);

    /// <summary>The name by which a command is called, such as <c>inkling bench train</c>.</summary>
    public static string NameOf(Command command)
        => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : "inkling";

    private static RootCommand CreateRoot(Streams streams)
    {
        var root = new RootCommand("Trains GPTs in pure C#: from a text file to a model that writes.")
        {
            TrainCommand.Create(streams),
            GenerateCommand.Create(streams),
            EvaluateCommand.Create(streams),
            VerifyCommand.Create(streams),
            ReportCommand.Create(streams),
            ExplainCommand.Create(streams),
            TokenizerCommand.Create(streams),
            InfoCommand.Create(streams),
            DoctorCommand.Create(streams),
            BenchCommand.Create(streams),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpWithExamples();
        root.SetAction(_ =>
        {
            HelpWithExamples.WriteOverview(root, streams);
            return ExitCode.Success;
        });
        return root;
    }

    /// <summary>What wrong input and a full or broken machine can lead to; anything else is a bug and shows where it is.</summary>
    private static bool IsForeseen(Exception e)
        => e is FailureException or FormatException or IOException or UnauthorizedAccessException or OutOfMemoryException
            or PlatformNotSupportedException or InvalidLogitsException or PatternTimeoutException;

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();
}
