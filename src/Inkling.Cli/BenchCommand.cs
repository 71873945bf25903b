using System.CommandLine;

namespace Inkling.Cli;

/// <summary><c>inkling bench</c>: how fast this machine is at what training consists of.</summary>
internal static class BenchCommand
{
    public static Command Create(Streams streams)
    {
        var command = new Command("bench", "Measures speed.")
        {
            BenchPeaks.Create(streams),
            BenchProducts.Create(streams),
            BenchTrain.Create(streams),
            BenchScaling.Create(streams),
            BenchTokenizer.Create(streams),
        };
        var choices = string.Join(", ", command.Subcommands.Select(each => each.Name));
        command.SetAction(int (_) => throw new UsageException($"bench what? choose {choices}"));
        return command;
    }

    /// <summary>The middle one of some measurements, which one interruption does not move.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
