using System.CommandLine;

namespace Inkling.Cli;

/// <summary><c>inkling bench train</c>: the speed of training steps on made-up tokens.</summary>
internal static class BenchTrain
{
    private const double Seconds = 5;

    public static Command Create(Streams streams)
    {
        var json = new Option<bool>("--json") { Description = "One line of JSON" };
        var steps = new Option<string?>("--steps")
        {
            HelpName = "n",
            Description = $"Steps to time [default: {Seconds} seconds, at least {StepSpeed.FewestSteps}]",
        };
        var operations = new Option<bool>("--operations") { Description = "Show where the time goes, operation by operation" };
        var command = new Command("train", "Measures training steps: batch, forward, backward, clip and optimizer.") { json, steps, operations };
        var options = new BenchOptions(command);
        command.SetAction(parse =>
        {
            var stepCount = parse.ReadNumber(steps, least: 1);
            var (recipe, cpu) = options.Read(parse);
            if (parse.GetValue(operations) && parse.GetValue(json))
            {
                throw new UsageException("--operations is a table for people; leave out --json, or it");
            }

            var speed = StepSpeed.Measure(recipe, cpu, Seconds, stepCount, parse.GetValue(operations));
            if (parse.GetValue(json))
            {
                streams.Output.WriteJsonLine(speed.ToJson());
            }
            else
            {
                speed.Show(new Sheet(streams.Output), recipe, cpu);
                if (speed.Operations.Count > 0)
                {
                    streams.Output.WriteLine();
                    foreach (var line in speed.OperationTable())
                    {
                        streams.Output.WriteLine(line);
                    }
                }
            }

            return ExitCode.Success;
        });
        return command;
    }
}
