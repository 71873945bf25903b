using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary><c>inkling bench peaks</c>: what the processor can do at best.</summary>
internal static class BenchPeaks
{
    public static Command Create(Streams streams)
    {
        var json = new Option<bool>("--json") { Description = "A line of JSON per measurement" };
        var command = new Command("peaks", "Measures multiply-adds in every instruction set, dot products of bfloat16, and reading from memory.") { json };
        var kernelOptions = new KernelOptions(command);
        command.SetAction(parse =>
        {
            var cpu = kernelOptions.Read(parse);
            int[] threadCounts = cpu.ThreadCount == 1 ? [1] : [1, cpu.ThreadCount];
            foreach (var threads in threadCounts)
            {
                foreach (var set in CpuKernels.Supported)
                {
                    Show($"multiply-adds, {Kebab.From(set.ToString())}", threads, CpuPeaks.FusedMultiplyAdd(set, threads), "GFLOP/s", "gflops");
                }

                var options = cpu with { ThreadCount = threads };
                if (CpuKernels.Bfloat16Refusal(options) is null)
                {
                    Show("dot products, bfloat16", threads, CpuPeaks.Products(Precision.Bfloat16, options), "GFLOP/s", "gflops");
                }

                Show("memory read", threads, CpuPeaks.ReadBandwidth(threads), "GB/s", "gigabytesPerSecond");
            }

            return ExitCode.Success;

            void Show(string name, int threads, double value, string unit, string field)
            {
                if (parse.GetValue(json))
                {
                    streams.Output.WriteJsonLine(new JsonObject { ["name"] = name, ["threads"] = threads, [field] = value });
                }
                else
                {
                    streams.Output.WriteLine($"{name,-28} {threads,3} {(threads == 1 ? "thread " : "threads")} {value,10:N1} {unit}");
                }
            }
        });
        return command;
    }
}
