using Inkling.Kernels;
using static Inkling.Tests.Kernels.Operand;

namespace Inkling.Tests.Kernels;

internal static partial class KernelCases
{
    /// <summary>Sums over rows and over one long row; added in double, they are rounded once.</summary>
    private static IEnumerable<KernelCase> Reductions()
        => from size in Matrices.Where(size => size.M > 1).Concat(Lengths.Select(length => (M: 1, C: length)))
           from accumulate in new[] { false, true }
           select new KernelCase(
               $"Sum {size.M}×{size.C}{If(accumulate, "accumulate")}",
               (kernels, operands) =>
               {
                   kernels.Sum(operands["x"], operands["sum"], accumulate);
                   kernels.SumSquares(operands["x"], operands["squares"], accumulate);
               },
               Input("x", size.M, size.C),
               Output("sum", 1, 1, terms: 1, accumulate),
               Output("squares", 1, 1, terms: 1, accumulate));

    /// <summary>Norms below and above the bound, no bound, numbers that are none or too large, and losses about the highest.</summary>
    private static IEnumerable<KernelCase> Guards()
        => from control in new[]
           {
               (Loss: 3.0, Squares: 0.25), (3, 9), (3, 0), (double.NaN, 9), (3, double.NaN), (3, double.PositiveInfinity), (double.NegativeInfinity, 9),
               (3, 0.9e38), (3, 1.1e38), (double.PositiveInfinity, 9),
           }
           from clipNorm in new[] { 0, 1.0 }
           from largestLoss in new[] { double.PositiveInfinity, 3, 2.9999999 }
           select new KernelCase(
               $"Guard loss {control.Loss} of at most {largestLoss}, squares {control.Squares}, clip {clipNorm}",
               (kernels, operands) => kernels.Guard(operands["control"], clipNorm, largestLoss),
               Control(control.Loss, control.Squares, 0, 0) with { IsOutput = true });

    private static IEnumerable<KernelCase> Adams()
        => from length in Lengths
           from decay in new[] { 0, 0.1 }
           from update in new[] { 1, 1000 }
           from isFinite in new[] { 1, 0 }
           select new KernelCase(
               $"Adam {length}, decay {decay}, update {update}{If(isFinite == 0, "skipped")}",
               (kernels, operands) =>
               {
                   var settings = new AdamSettings
                   {
                       LearningRate = 0.1,
                       Beta1 = 0.9,
                       Beta2 = 0.99,
                       Epsilon = 1e-8,
                       WeightDecay = decay,
                       Update = update,
                   };
                   kernels.Adam(settings, operands["values"], operands["gradients"], operands["first"], operands["second"], operands["control"]);
               },
               Input("gradients", 1, length),
               Control(3, 2, isFinite, 0.5),
               Output("values", 1, length, accumulate: true),
               Output("first", 1, length, accumulate: true),
               Output("second", 1, length) with { Values = random => random.NextSingle() });

    private static IEnumerable<KernelCase> Fills()
        => from size in Matrices
           select new KernelCase(
               $"Fill {size.M}×{size.C}",
               (kernels, operands) =>
               {
                   kernels.Fill(operands["y"], 0.75);
                   kernels.Fill(operands["tokens"], -3);
                   kernels.FillNormal(operands["normal"], 0.02, new RandomKey(1UL << 40, RandomPurpose.Initialization, 0, 9));
               },
               Output("y", size.M, size.C),
               Output("tokens", size.M, size.C) with { Type = DType.Int32 },
               Output("normal", size.M, size.C, terms: 0));

    private static IEnumerable<KernelCase> Copies()
        => from size in Matrices
           select new KernelCase(
               $"Copy {size.M}×{size.C}",
               (kernels, operands) =>
               {
                   kernels.Copy(operands["x"], operands["y"]);
                   kernels.Copy(operands["tokens"], operands["same tokens"]);
                   var (rows, shifted) = (size.M - 1, operands["shifted"]);
                   kernels.Copy(shifted.SliceRows(1, rows), shifted.SliceRows(0, rows)); // as a cache drops its oldest row
               },
               Input("x", size.M, size.C),
               Input("tokens", size.M, size.C, random => random.Next(-9, 9)) with { Type = DType.Int32 },
               Output("y", size.M, size.C, terms: 1),
               Output("same tokens", size.M, size.C) with { Type = DType.Int32 },
               Output("shifted", size.M, size.C, terms: 1, accumulate: true));

    private static Operand Control(params double[] values) => Input("control", 1, 4, Sequence(values));
}
