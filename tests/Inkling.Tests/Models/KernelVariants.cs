using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Kernels.Reference;
using Inkling.Tests.Kernels;

namespace Inkling.Tests.Models;

/// <summary>All kernels that a model can run on, under the names that theories show.</summary>
public sealed class KernelVariants : IDisposable
{
    /// <summary>Those that compute in double.</summary>
    public const string ReferenceDouble = "reference double";

    private const string ReferenceSingle = "reference float";

    private readonly CpuKernelsFixture _cpu = new();

    /// <summary>Those that compute in float: every instruction set of this processor with one thread and with two, and the reference.</summary>
    public static string[] Single { get; } =
        [.. CpuKernels.Supported.SelectMany(set => new[] { $"{set} 1", $"{set} 2" }), ReferenceSingle];

    public static string[] All { get; } = [.. Single, ReferenceDouble];

    /// <summary>The kernels under a name; this fixture ends them.</summary>
    public IKernels this[string name] => name switch
    {
        ReferenceSingle => new ReferenceKernels<float>(),
        ReferenceDouble => new ReferenceKernels<double>(),
        _ => _cpu.Get(Enum.Parse<InstructionSet>(name[..^2]), int.Parse(name[^1..])),
    };

    public void Dispose() => _cpu.Dispose();
}
