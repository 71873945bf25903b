using System.Runtime.InteropServices;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary>What there is and what is used of it.</summary>
internal sealed record MachineFacts
{
    public required Architecture Architecture { get; init; }

    /// <summary>Widest first.</summary>
    public required IReadOnlyList<InstructionSet> Supported { get; init; }

    public required InstructionSet InstructionSet { get; init; }

    public required int ThreadCount { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int ProcessorCount { get; init; }

    /// <summary>Processors of the machine.</summary>
    public required int InstalledProcessorCount { get; init; }

    /// <summary>Programs that ran or waited for a processor in the last minute; null where nobody tells.</summary>
    public double? LoadAverage { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>Of the disk that the current folder is on; null where nobody tells.</summary>
    public long? FreeDiskBytes { get; init; }
}
