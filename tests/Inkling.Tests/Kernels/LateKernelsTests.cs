using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

/// <summary>The double must pass every call on as it was made, or what is tested on it proves nothing.</summary>
public class LateKernelsTests
{
    /// <summary>Two cases of every operation and precision.</summary>
    public static TheoryData<string> Names
        => [.. KernelCases.All.GroupBy(kernelCase => (kernelCase.Name.Split(' ')[0], kernelCase.Precision)).SelectMany(cases => cases.Take(2)).Select(kernelCase => kernelCase.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_call_that_is_made_late_has_the_same_result(string name)
    {
        using var kernels = new ReferenceKernels<double>();
        using var late = new LateKernels(kernels);
        foreach (var (output, numbers) in KernelCases.Named(name).Run(late, OperandLayout.Loose))
            Assert.Equal(KernelCases.Named(name).Expected[output], numbers, BitComparer.Instance);
    }
}
