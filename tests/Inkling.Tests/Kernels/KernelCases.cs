using Inkling.Kernels;

namespace Inkling.Tests.Kernels;

/// <summary>
/// Every operation at many sizes. To add one: write a method that yields a <see cref="KernelCase"/> per size, and name it in
/// <see cref="All"/>; parity, gradients, canaries and thread counts follow.
/// </summary>
internal static partial class KernelCases
{
    // Either side of the widths that kernels work in: vectors of 4, 8 and 16 lanes, tiles of a few vectors, groups of 64.
    private static readonly int[] Sizes = [1, 3, 17, 63, 65, 127];

    // For bfloat16, whose terms come in pairs: odd and even ones.
    private static readonly int[] PairedSizes = [1, 2, 17, 64, 127];
    private static readonly Precision[] Precisions = [Precision.Float32, Precision.Bfloat16];
    private static readonly (int M, int C)[] Matrices = [(1, 1), (3, 1), (1, 17), (17, 3), (3, 63), (65, 17), (7, 65), (130, 5), (63, 127), (2, 1100)];
    private static readonly int[] Lengths = [1, 3, 17, 63, 65, 127, 1030, 40_000];

    private static readonly Dictionary<string, KernelCase> ByName = Enumerable.Empty<KernelCase>()
        .Concat(Products()).Concat(LargeProducts()).Concat(FusedLinears())
        .Concat(Attentions()).Concat(GroupedAttentions()).Concat(WindowedAttentions()).Concat(Rotations())
        .Concat(LayerNorms()).Concat(RmsNorms()).Concat(Activations()).Concat(Gates()).Concat(Sums()).Concat(Dropouts())
        .Concat(Embeddings()).Concat(CrossEntropies())
        .Concat(Reductions()).Concat(Guards()).Concat(Adams()).Concat(Fills()).Concat(Copies())
        .ToDictionary(kernelCase => kernelCase.Name);

    public static IEnumerable<KernelCase> All => ByName.Values;

    public static KernelCase Named(string name) => ByName[name];

    private static Dropout SomeDropout(double rate) => new((float)rate, new RandomKey(7, RandomPurpose.Dropout, 3, 1), FirstRow: 5);

    private static string If(Precision precision) => If(precision == Precision.Bfloat16, "bfloat16");

    private static string If(bool condition, string text) => condition ? " " + text : "";
}
