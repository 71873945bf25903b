using System.Runtime.InteropServices;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>What <c>inkling doctor</c> recommends: one sentence for each thing that keeps the machine from what it could do.</summary>
internal static class Advice
{
    private const long LittleDisk = 1_000_000_000;

    public static IEnumerable<string> For(MachineFacts machine)
    {
        if (machine.Architecture is Architecture.X64 or Architecture.X86 && machine.Supported[0] == InstructionSet.Vector128)
        {
            yield return "This processor has no AVX2, or the runtime may not use it; training runs in vectors of four numbers.";
        }

        if (machine.InstructionSet != machine.Supported[0])
        {
            yield return $"{Kebab.From(machine.Supported[0].ToString())} is wider than {Kebab.From(machine.InstructionSet.ToString())}: leave out --instruction-set.";
        }

        if (machine.ThreadCount < machine.ProcessorCount)
        {
            yield return $"{machine.ThreadCount} of {machine.ProcessorCount} processors are used: leave out --threads to use all.";
        }
        else if (machine.ThreadCount > machine.ProcessorCount)
        {
            yield return $"{machine.ThreadCount} threads share {machine.ProcessorCount} processors and wait for each other: leave out --threads.";
        }

        if (machine.InstalledProcessorCount > machine.ProcessorCount)
        {
            yield return $"The system lets this process use {machine.ProcessorCount} of {machine.InstalledProcessorCount} processors (a container's limit, or an affinity).";
        }

        // Half of them: a value that a mail program or an editor does not reach. The load is that of the whole machine, whatever this process may use.
        if (machine.LoadAverage is { } load && load > 0.5 * machine.InstalledProcessorCount)
        {
            yield return $"Other programs are busy (load {load:0.0} on {machine.InstalledProcessorCount} processors), so the measured peaks are too low.";
        }

        // With bfloat16 a little less.
        var babyBytes = TrainingMemory.Estimate(GptPresets.Shapes["baby"] with { VocabularySize = 65 }, Recipes.ByPreset["baby"] with { Precision = Precision.Float32 }).TotalBytes;
        if (machine.MemoryBytes < babyBytes)
        {
            yield return $"{Units.Bytes(machine.MemoryBytes)} of memory are less than the preset baby takes ({Units.Bytes(babyBytes)}): train it with --micro-batch-size 8.";
        }

        if (machine.FreeDiskBytes is { } free and < LittleDisk)
        {
            yield return $"{Units.Bytes(free)} are free on this disk; a run keeps several copies of its model.";
        }
    }
}
