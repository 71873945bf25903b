using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Inkling.Cli.Screen;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary><c>inkling doctor</c>: what this machine has, what it can do, and what keeps it from more.</summary>
internal static class DoctorCommand
{
    public static Command Create(Streams streams)
    {
        var json = new Option<bool>("--json") { Description = "One line of JSON" };
        var command = new Command("doctor", "Shows processor, kernels, threads, measured peaks and memory; gives advice.") { json };
        var options = new KernelOptions(command);
        command.SetAction(parse =>
        {
            var cpu = options.Read(parse);
            // Asked before measuring, which is a load too.
            var machine = Machine.Facts(cpu);
            using var kernels = CpuKernels.Create(cpu);
            var description = kernels.Description;
            var peak = CpuPeaks.Products(Precision.Float32, cpu);
            var refusal = CpuKernels.Bfloat16Refusal(cpu);
            double? bfloat16Peak = refusal is null ? CpuPeaks.Products(Precision.Bfloat16, cpu) : null;
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
                    ["bfloat16PeakGflops"] = bfloat16Peak,
                    ["precision"] = Kebab.From(kernels.FastestPrecision.ToString()),
                    ["peakGigabytesPerSecond"] = bandwidth,
                    ["memoryBytes"] = Machine.MemoryBytes,
                    ["freeDiskBytes"] = machine.FreeDiskBytes,
                    ["runtime"] = RuntimeInformation.FrameworkDescription,
                    ["system"] = RuntimeInformation.OSDescription,
                    ["advice"] = new JsonArray([.. Advice.For(machine).Select(sentence => JsonValue.Create(sentence))]),
                });
                return ExitCode.Success;
            }

            var sheet = new Sheet(streams.Output, streams.Terminal);
            sheet.Add("processor", $"{Machine.Processor}, {machine.ProcessorCount} logical");
            sheet.Add("kernels", $"{description} (here: {string.Join(", ", machine.Supported.Select(set => Kebab.From(set.ToString())))})");
            sheet.Add("threads", $"{cpu.ThreadCount}");
            sheet.Add("float32", $"{peak:N0} GFLOP/s measured, fused multiply-adds");
            sheet.Add("bfloat16", bfloat16Peak is { } fast ? $"{fast:N0} GFLOP/s measured, dot products" : $"at the speed of float32: {refusal}");
            sheet.Add("precision", Describe.Precision(Precision.Auto, kernels.FastestPrecision, refusal));
            sheet.Add("memory", $"{Units.Bytes(machine.MemoryBytes)}, read at {bandwidth:0.0} GB/s measured");
            sheet.Add("disk", machine.FreeDiskBytes is { } free ? $"{Units.Bytes(free)} free here" : "nobody tells how much is free");
            sheet.Add("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}");
            sheet.Add("terminal", Describe.Terminal(streams.Terminal));
            streams.Output.WriteLine();
            ShowAdvice(streams, sheet, [.. Advice.For(machine)]);
            return ExitCode.Success;
        });
        return command;
    }

    private static void ShowAdvice(Streams streams, Sheet sheet, string[] advice)
    {
        if (advice.Length == 0)
        {
            streams.Output.WriteLine(streams.Terminal.Paint(Style.Good, "All is well: nothing keeps training from the speed of this machine."));
        }

        foreach (var sentence in advice)
        {
            sheet.Add("advice", sentence);
        }
    }
}
