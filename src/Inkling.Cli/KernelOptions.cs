using System.CommandLine;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary>The options that say what computes.</summary>
internal sealed class KernelOptions
{
    private readonly Option<string?> _threads = new("--threads") { HelpName = "n", Description = "Threads; 0: one per processor" };

    private readonly Option<string?> _set = new("--instruction-set")
    {
        HelpName = "name",
        Description = $"Width of the vectors: {string.Join(", ", Kebab.NamesOf<InstructionSet>())} [default: automatic]",
    };

    /// <summary>Adds the options to a command.</summary>
    public KernelOptions(Command command)
    {
        command.Add(_threads);
        command.Add(_set);
    }

    /// <summary>What was asked for, with the defaults filled in.</summary>
    public CpuOptions Read(ParseResult parse)
    {
        var threads = parse.ReadNumber(_threads, least: 0, most: CpuOptions.MaximumThreadCount) ?? 0;
        var set = InstructionSet.Automatic;
        if (parse.GetValue(_set) is { } name && !Kebab.TryParse(name, out set))
        {
            throw new UsageException($"--instruction-set is '{name}'; choose {string.Join(", ", Kebab.NamesOf<InstructionSet>())}");
        }

        return new CpuOptions
        {
            ThreadCount = threads == 0 ? Math.Min(Environment.ProcessorCount, CpuOptions.MaximumThreadCount) : threads,
            InstructionSet = set == InstructionSet.Automatic ? CpuKernels.Supported[0] : set,
        };
    }

    /// <summary>Starts the kernels that were asked for.</summary>
    public IKernels Create(ParseResult parse) => CpuKernels.Create(Read(parse));
}
