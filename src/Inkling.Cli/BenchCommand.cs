using System.CommandLine;
using System.Diagnostics;

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

    /// <summary>The middle of the times that some work takes, in seconds; it should have been done before.</summary>
    /// <param name="work">Done again and again.</param>
    /// <param name="enough">How many seconds in all, at least.</param>
    /// <param name="least">How many times, at least.</param>
    public static double MedianSeconds(Action work, double enough, int least)
    {
        var seconds = new List<double>();
        for (double total = 0; total < enough || seconds.Count < least; total += seconds[^1])
        {
            var start = Stopwatch.GetTimestamp();
            work();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return Median(seconds);
    }

    /// <summary>The middle one of some measurements, which one interruption does not move.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
