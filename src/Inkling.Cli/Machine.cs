using System.Globalization;
using System.Runtime.InteropServices;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary>What this computer is, as far as the system tells.</summary>
internal static class Machine
{
    /// <summary>Memory that this process may use, the limit of a container included.</summary>
    public static long MemoryBytes => ContainerBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    // The runtime gives its own heap three quarters of a container; most memory of a training is not in that heap.
    private static long? ContainerBytes
    {
        get
        {
            string[] paths = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
            var limit = paths.FirstOrDefault(File.Exists) is { } path ? File.ReadAllText(path).Trim() : "";
            return long.TryParse(limit, CultureInfo.InvariantCulture, out var bytes) && bytes < PhysicalBytes ? bytes : null;
        }
    }

    private static long PhysicalBytes
        => File.Exists("/proc/meminfo") && File.ReadLines("/proc/meminfo").FirstOrDefault() is { } line
            && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture, out var kilobytes)
                ? 1_024 * kilobytes
                : 0;

    /// <summary>The processor's name, or its architecture where nobody tells the name.</summary>
    public static string Processor
    {
        get
        {
            var name = OperatingSystem.IsLinux()
                ? ProcessorLines("model name").FirstOrDefault()?.Split(": ", 2)[^1]
                : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
            return name ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    /// <summary>Refuses what there is no room for, before it is begun.</summary>
    /// <exception cref="FailureException">More is needed than there is.</exception>
    public static void RequireMemory(MemoryNeed need)
    {
        if (need.Refusal(MemoryBytes) is { } refusal)
        {
            throw new FailureException(refusal);
        }
    }

    /// <summary>What there is, beside what is to be used of it.</summary>
    public static MachineFacts Facts(CpuOptions cpu) => new()
    {
        Architecture = RuntimeInformation.ProcessArchitecture,
        Supported = CpuKernels.Supported,
        InstructionSet = cpu.InstructionSet,
        ThreadCount = cpu.ThreadCount,
        ProcessorCount = Environment.ProcessorCount,
        InstalledProcessorCount = Math.Max(Environment.ProcessorCount, ProcessorLines("processor").Count()),
        LoadAverage = LoadAverage,
        MemoryBytes = MemoryBytes,
        FreeDiskBytes = FreeDiskBytes,
    };

    private static double? LoadAverage
        => File.Exists("/proc/loadavg") && double.TryParse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture, out var load)
            ? load
            : null;

    private static long? FreeDiskBytes
    {
        get
        {
            try
            {
                return new DriveInfo(Environment.CurrentDirectory).AvailableFreeSpace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return null;
            }
        }
    }

    private static IEnumerable<string> ProcessorLines(string start)
        => File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").Where(line => line.StartsWith(start, StringComparison.Ordinal)) : [];
}
