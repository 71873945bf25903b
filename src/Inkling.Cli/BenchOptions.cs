using System.CommandLine;
using Inkling.Kernels.Cpu;

namespace Inkling.Cli;

/// <summary>The options that say which training a benchmark measures, and what computes it.</summary>
internal sealed class BenchOptions
{
    private readonly RecipeOptions _recipe;
    private readonly KernelOptions _kernels;

    /// <summary>Adds the options to a command.</summary>
    public BenchOptions(Command command)
    {
        _recipe = new RecipeOptions(command, [Settings.Vocabulary, .. Settings.Model], Settings.Batch);
        _kernels = new KernelOptions(command);
    }

    /// <summary>What was asked for, with the defaults filled in.</summary>
    /// <exception cref="UsageException">That is not valid.</exception>
    /// <exception cref="FailureException">It takes more memory than there is.</exception>
    public (Recipe Recipe, CpuOptions Cpu) Read(ParseResult parse)
    {
        var (recipe, cpu) = (_recipe.Read(parse), _kernels.Read(parse));
        Machine.RequireMemory(new MemoryNeed(recipe.Model, recipe.Training, cpu));
        return (recipe, cpu);
    }
}
