using Inkling.Kernels;
using static Inkling.Tests.Kernels.Operand;

namespace Inkling.Tests.Kernels;

internal static partial class KernelCases
{
    /// <summary>The four products of a linear layer at all combinations of sizes; layouts, bias and accumulation take turns.</summary>
    private static IEnumerable<KernelCase> Products()
        => from precision in Precisions
           let sizes = precision == Precision.Bfloat16 ? PairedSizes : Sizes
           from M in sizes
           from K in sizes
           from N in sizes
           let turn = M + (2 * K) + (4 * N)
           select Product(M, K, N, (WeightLayout)(turn / 2 % 2), precision, hasBias: turn % 3 > 0, accumulate: turn % 5 > 2);

    /// <summary>Sizes past every block in which a kernel could sensibly cut a product.</summary>
    private static IEnumerable<KernelCase> LargeProducts()
        => from size in new[] { (M: 5, K: 1100, N: 33), (M: 300, K: 64, N: 19), (M: 2, K: 19, N: 4200), (M: 70, K: 300, N: 400), (M: 1, K: 300, N: 700) }
           from layout in Enum.GetValues<WeightLayout>()
           from precision in Precisions
           select Product(size.M, size.K, size.N, layout, precision, hasBias: true, accumulate: layout == WeightLayout.OutputByInput);

    /// <summary>Linear layers with all that is fused with the product.</summary>
    private static IEnumerable<KernelCase> FusedLinears()
        => from size in new[] { (M: 1, K: 17, N: 3), (M: 3, K: 17, N: 65), (M: 17, K: 3, N: 63), (M: 65, K: 63, N: 127) }
           from activation in Enum.GetValues<Activation>()
           from rate in new[] { 0, 0.3 }
           from hasResidual in new[] { false, true }
           from precision in Precisions
           where precision == Precision.Float32 || (rate > 0 == hasResidual && size.M > 1)
           select FusedLinear(size.M, size.K, size.N, activation, precision, SomeDropout(rate), hasResidual);

    private static KernelCase Product(int M, int K, int N, WeightLayout layout, Precision precision, bool hasBias, bool accumulate)
    {
        var (rows, columns) = layout == WeightLayout.InputByOutput ? (K, N) : (N, K);
        return new KernelCase(
            $"Linear {M}×{K}→{N} {layout}{If(hasBias, "bias")}{If(accumulate, "accumulate")}{If(precision)}",
            (kernels, operands) =>
            {
                var weight = operands.Prepare("w", layout, precision);
                kernels.Linear(new LinearArguments { X = operands["x"], Weight = weight, Bias = operands.Optional("b"), Y = operands["y"] });
                kernels.LinearBackwardInput(operands["dy"], weight, operands["dx"], accumulate);
                kernels.LinearBackwardWeight(operands["x"], operands["dy"], operands["dw"], layout, precision, accumulate);
                if (hasBias)
                    kernels.LinearBackwardBias(operands["dy"], operands["db"], accumulate);
            },
            [
                Input("x", M, K),
                Input("w", rows, columns),
                Input("dy", M, N),
                Output("y", M, N, terms: K),
                Output("dx", M, K, terms: N, accumulate),
                Output("dw", rows, columns, terms: M, accumulate),
                .. hasBias ? new[] { Input("b", 1, N), Output("db", 1, N, terms: M, accumulate) } : [],
            ])
        { Precision = precision };
    }

    private static KernelCase FusedLinear(int M, int K, int N, Activation activation, Precision precision, Dropout dropout, bool hasResidual)
        => new(
            $"Linear {M}×{K}→{N} {activation}{If(dropout.IsActive, "dropout")}{If(hasResidual, "residual")}{If(precision)}",
            (kernels, operands) =>
            {
                var weight = operands.Prepare("w", WeightLayout.InputByOutput, precision);
                kernels.Linear(new LinearArguments
                {
                    X = operands["x"],
                    Weight = weight,
                    Bias = operands["b"],
                    Activation = activation,
                    Preactivation = operands["h"],
                    Dropout = dropout,
                    Residual = operands.Optional("r"),
                    Y = operands["y"],
                });
                var gradient = operands["dy after activation"];
                kernels.ApplyDropout(operands["dy"], dropout, gradient);
                kernels.ActivateBackward(activation, operands["h"], gradient, gradient);
                kernels.LinearBackwardInput(gradient, weight, operands["dx"], accumulate: false);
                kernels.LinearBackwardWeight(operands["x"], gradient, operands["dw"], WeightLayout.InputByOutput, precision, accumulate: false);
                kernels.LinearBackwardBias(gradient, operands["db"], accumulate: false);
            },
            [
                Input("x", M, K),
                Input("w", K, N),
                Input("b", 1, N),
                Input("dy", M, N),
                Output("h", M, N, terms: K),
                Output("y", M, N),
                Output("dy after activation", M, N),
                Output("dx", M, K),
                Output("dw", K, N),
                Output("db", 1, N),
                .. hasResidual ? new[] { Input("r", M, N) } : [],
            ])
        { Precision = precision };
}
