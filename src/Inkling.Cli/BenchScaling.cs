using System.CommandLine;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary><c>inkling bench scaling</c>: what more threads bring to a training step, and what a larger model or batch costs.</summary>
internal static class BenchScaling
{
    private const double Seconds = 2;
    private const int MostThreadsOneByOne = 8;

    private static readonly double[] Factors = [0.5, 1, 2, 4];

    /// <summary>What can be larger or smaller, and the recipe with so many times as much of it.</summary>
    private static readonly (string Name, Func<Recipe, int> Value, Func<Recipe, int, Recipe> With)[] Directions =
    [
        ("batch", recipe => recipe.Training.BatchSize, (recipe, value) => recipe with { Training = recipe.Training with { BatchSize = value } }),
        ("context", recipe => recipe.Model.ContextLength, (recipe, value) => recipe with { Model = recipe.Model with { ContextLength = value } }),
        ("width", recipe => recipe.Model.Width, (recipe, value) => recipe with { Model = recipe.Model with { Width = value } }),
        ("layers", recipe => recipe.Model.LayerCount, (recipe, value) => recipe with { Model = recipe.Model with { LayerCount = value } }),
        ("vocabulary", recipe => recipe.Model.VocabularySize, (recipe, value) => recipe with { Model = recipe.Model with { VocabularySize = value } }),
    ];

    public static Command Create(Streams streams)
    {
        var json = new Option<bool>("--json") { Description = "A line of JSON per measurement" };
        var steps = new Option<string?>("--steps")
        {
            HelpName = "n",
            Description = $"Steps per measurement [default: {Seconds} seconds, at least {StepSpeed.FewestSteps}]",
        };
        var command = new Command("scaling", "Measures training steps with 1 … N threads, and with half, twice and four times the batch, context, width, layers and vocabulary.") { json, steps };
        var options = new BenchOptions(command);
        command.SetAction(parse =>
        {
            var stepCount = parse.ReadNumber(steps, least: 1);
            var (recipe, cpu) = options.Read(parse);
            var table = new Table(streams.Output, parse.GetValue(json));
            List<StepSpeed> speeds = [];
            foreach (var threads in ThreadCounts(cpu.ThreadCount))
            {
                speeds.Add(StepSpeed.Measure(recipe, cpu with { ThreadCount = threads }, Seconds, stepCount));
                table.Show("threads", threads, speeds[^1], speeds[0]);
            }

            var asGiven = speeds[^1];

            foreach (var (name, value, with) in Directions)
            {
                foreach (var size in Factors.Select(factor => (int)Math.Max(1, value(recipe) * factor)).Distinct())
                {
                    var changed = with(recipe, size);
                    if (Refusal(changed, cpu) is { } refusal)
                    {
                        table.Skip(name, size, refusal);
                    }
                    else
                    {
                        table.Show(name, size, size == value(recipe) ? asGiven : StepSpeed.Measure(changed, cpu, Seconds, stepCount), asGiven);
                    }
                }
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<int> ThreadCounts(int most)
        => Enumerable.Range(1, most).Where(threads => threads <= MostThreadsOneByOne || int.IsPow2(threads) || threads == most);

    /// <summary>Why a size cannot be measured; null where it can.</summary>
    private static string? Refusal(Recipe recipe, CpuOptions cpu)
    {
        try
        {
            recipe.Model.Validate();
            recipe.Training.Validate();
            return new MemoryNeed(recipe.Model, recipe.Training, cpu).Refusal(Machine.MemoryBytes);
        }
        catch (ArgumentException invalid)
        {
            return invalid.Message;
        }
    }

    /// <summary>Measurements line by line, as they come: each takes a while.</summary>
    private sealed class Table(TextWriter output, bool isJson)
    {
        private string _group = "";

        public void Show(string along, int value, StepSpeed speed, StepSpeed first)
        {
            if (isJson)
            {
                var line = speed.ToJson();
                line.Insert(0, "along", along);
                line.Insert(1, "value", value);
                output.WriteJsonLine(line);
                return;
            }

            Begin(along);
            var (time, work) = (speed.MillisecondsPerStep / first.MillisecondsPerStep, speed.Flops / first.Flops);
            output.WriteLine(
                $"{value,10:N0} {speed.MillisecondsPerStep,12:N1} {speed.Gflops,9:N0} {speed.Utilization,8:P0} {$"x {time:0.00}",9} {$"x {work:0.00}",11}");
        }

        public void Skip(string along, int value, string reason)
        {
            if (!isJson)
            {
                Begin(along);
                output.WriteLine($"{value,10:N0} left out: {reason}");
            }
        }

        private void Begin(string along)
        {
            if (along != _group)
            {
                output.WriteLine($"{(_group.Length > 0 ? Environment.NewLine : "")}{along,10} {"ms per step",12} {"GFLOP/s",9} {"of peak",8} {"time",9} {"arithmetic",11}");
                _group = along;
            }
        }
    }
}
