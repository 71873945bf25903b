using System.CommandLine;
using Inkling.Cli.Reporting;

namespace Inkling.Cli;

/// <summary><c>inkling report</c>: the page of a run, made again.</summary>
internal static class ReportCommand
{
    public static Command Create(Streams streams)
    {
        var folder = new Argument<string>("folder") { Description = "Folder of the run" }.NotEmpty();
        var command = new Command("report", "Writes a run's report.html: curves, figures, samples.") { folder };
        command.SetAction(parse =>
        {
            streams.Output.WriteLine(RunReporter.WritePage(parse.GetRequiredValue(folder)));
            return ExitCode.Success;
        });
        return command;
    }
}
