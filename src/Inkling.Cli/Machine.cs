namespace Inkling.Cli;

/// <summary>What this computer is, as far as the system tells.</summary>
internal static class Machine
{
    /// <summary>Memory that this process may use, the limit of a container included.</summary>
    public static long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>The processor's name, or its architecture where nobody tells the name.</summary>
    public static string Processor
    {
        get
        {
            var name = OperatingSystem.IsLinux() && File.Exists("/proc/cpuinfo")
                ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ", 2)[^1]
                : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
            return name ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    /// <summary>Refuses what there is no room for, before it is begun.</summary>
    /// <exception cref="FailureException">More is needed than there is.</exception>
    public static void RequireMemory(double bytes, string advice)
    {
        if (bytes > MemoryBytes)
        {
            throw new FailureException($"this needs about {Units.Bytes(bytes)} of memory, and this machine has {Units.Bytes(MemoryBytes)}; {advice}");
        }
    }
}
