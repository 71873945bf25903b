using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary><c>inkling doctor</c>: what this machine has, and what it can do.</summary>
internal static class DoctorCommand
{
    public static Command Create(Streams streams)
    {
        var json = new Option<bool>("--json") { Description = "One line of JSON" };
        var command = new Command("doctor", "Shows processor, kernels, threads, measured peaks and memory.") { json };
        var options = new KernelOptions(command);
        command.SetAction(parse =>
        {
            var cpu = options.Read(parse);
            using var kernels = CpuKernels.Create(cpu);
            var description = kernels.Description;
            var peak = CpuPeaks.FusedMultiplyAdd(cpu.InstructionSet, cpu.ThreadCount);
            var bandwidth = CpuPeaks.ReadBandwidth(cpu.ThreadCount);
            if (parse.GetValue(json))
            {
                streams.Output.WriteJsonLine(new JsonObject
                {
                    ["processor"] = Machine.Processor,
                    ["processorCount"] = Environment.ProcessorCount,
                    ["kernels"] = description,
                    ["threads"] = cpu.ThreadCount,
                    ["peakGflops"] = peak,
                    ["peakGigabytesPerSecond"] = bandwidth,
                    ["memoryBytes"] = Machine.MemoryBytes,
                    ["runtime"] = RuntimeInformation.FrameworkDescription,
                    ["system"] = RuntimeInformation.OSDescription,
                });
                return ExitCode.Success;
            }

            var sheet = new Sheet(streams.Output);
            sheet.Add("processor", $"{Machine.Processor}, {Environment.ProcessorCount} logical");
            sheet.Add("kernels", $"{description} (here: {string.Join(", ", CpuKernels.Supported.Select(set => Kebab.From(set.ToString())))})");
            sheet.Add("threads", $"{cpu.ThreadCount}");
            sheet.Add("arithmetic", $"{peak:N0} GFLOP/s measured, float32 fused multiply-adds");
            sheet.Add("memory", $"{Units.Bytes(Machine.MemoryBytes)}, read at {bandwidth:0.0} GB/s measured");
            sheet.Add("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}");
            return ExitCode.Success;
        });
        return command;
    }
}
