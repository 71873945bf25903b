using Inkling.Kernels;
using static Inkling.Tests.Kernels.Operand;

namespace Inkling.Tests.Kernels;

internal static partial class KernelCases
{
    private static IEnumerable<KernelCase> LayerNorms()
        => from size in Matrices
           from hasBias in new[] { false, true }
           from accumulate in new[] { false, true }
           select LayerNorm(size.M, size.C, hasBias, accumulate);

    /// <summary>One group of columns as in a block, and several as in query-key norms.</summary>
    private static IEnumerable<KernelCase> RmsNorms()
        => from size in Matrices
           from G in new[] { 1, 3 }
           from accumulate in new[] { false, true }
           select new KernelCase(
               $"RmsNorm {size.M}×{G}·{size.C}{If(accumulate, "accumulate")}",
               (kernels, operands) =>
               {
                   var (x, gain, statistics) = (operands["x"], operands["gain"], operands["statistics"]);
                   kernels.RmsNorm(x, gain, 1e-5, operands["y"], statistics);
                   kernels.RmsNormBackward(x, gain, statistics, operands["dy"], operands["dx"], accumulate, operands["dgain"], accumulate);
               },
               Input("x", size.M, G * size.C),
               Input("gain", 1, size.C),
               Input("dy", size.M, G * size.C),
               Output("y", size.M, G * size.C),
               Output("statistics", size.M, G),
               Output("dx", size.M, G * size.C, accumulate: accumulate),
               Output("dgain", 1, size.C, accumulate: accumulate));

    /// <summary>Gate and up each by itself, and as the halves of one matrix, as one linear layer makes them.</summary>
    private static IEnumerable<KernelCase> Gates()
        => from activation in Enum.GetValues<Activation>()
           from size in Matrices
           select new KernelCase(
               $"Gate {activation} {size.M}×{size.C}",
               (kernels, operands) =>
               {
                   var (M, F) = size;
                   kernels.Gate(activation, operands["gate"], operands["up"], operands["y"]);
                   kernels.GateBackward(activation, operands["gate"], operands["up"], operands["dy"], operands["dgate"], operands["dup"]);
                   var (both, gradient) = (operands["both"], operands["dboth"]);
                   kernels.Gate(activation, both.SliceColumns(0, F), both.SliceColumns(F, F), operands["of both"]);
                   kernels.GateBackward(
                       activation, both.SliceColumns(0, F), both.SliceColumns(F, F), operands["dof both"], gradient.SliceColumns(0, F), gradient.SliceColumns(F, F));
               },
               Input("gate", size.M, size.C, Away(4)),
               Input("up", size.M, size.C),
               Input("dy", size.M, size.C),
               Output("y", size.M, size.C),
               Output("dgate", size.M, size.C),
               Output("dup", size.M, size.C),
               Input("both", size.M, 2 * size.C, Away(4)),
               Input("dof both", size.M, size.C),
               Output("of both", size.M, size.C),
               Output("dboth", size.M, 2 * size.C));

    /// <summary>Elementwise functions of moderate and of large numbers, the gradient in place of what arrives.</summary>
    private static IEnumerable<KernelCase> Activations()
        => from activation in Enum.GetValues<Activation>()
           from size in Matrices
           from range in new[] { 4, 100 }
           select new KernelCase(
               $"Activate {activation} {size.M}×{size.C} of ±{range}",
               (kernels, operands) =>
               {
                   kernels.Activate(activation, operands["x"], operands["y"]);
                   kernels.ActivateBackward(activation, operands["x"], operands["dy"], operands["dx"]);
                   kernels.ActivateBackward(activation, operands["x"], operands["g"], operands["g"]);
               },
               Input("x", size.M, size.C, Away(range)),
               Input("dy", size.M, size.C),
               Output("y", size.M, size.C),
               Output("dx", size.M, size.C),
               Output("g", size.M, size.C, accumulate: true));

    private static IEnumerable<KernelCase> Sums()
        => from size in Matrices
           select new KernelCase(
               $"Add {size.M}×{size.C}",
               (kernels, operands) =>
               {
                   kernels.Add(operands["a"], operands["b"], operands["y"]);
                   kernels.Add(operands["left"], operands["b"], operands["left"]);
                   kernels.Add(operands["a"], operands["right"], operands["right"]);
               },
               Input("a", size.M, size.C),
               Input("b", size.M, size.C),
               Output("y", size.M, size.C, terms: 1),
               Output("left", size.M, size.C, terms: 1, accumulate: true),
               Output("right", size.M, size.C, terms: 1, accumulate: true));

    private static IEnumerable<KernelCase> Dropouts()
        => from size in Matrices
           from rate in new[] { 0, 0.1, 0.9 }
           select new KernelCase(
               $"Dropout {rate} of {size.M}×{size.C}",
               (kernels, operands) =>
               {
                   kernels.ApplyDropout(operands["x"], SomeDropout(rate), operands["y"]);
                   kernels.ApplyDropout(operands["dy"], SomeDropout(rate), operands["dx"]);
                   kernels.ApplyDropout(operands["z"], SomeDropout(rate), operands["z"]);
               },
               Input("x", size.M, size.C),
               Input("dy", size.M, size.C),
               Output("y", size.M, size.C, terms: 1),
               Output("dx", size.M, size.C, terms: 1),
               Output("z", size.M, size.C, terms: 1, accumulate: true));

    private static KernelCase LayerNorm(int M, int C, bool hasBias, bool accumulate)
    {
        const double Eps = 1e-5; // as GPT-2
        return new KernelCase(
            $"LayerNorm {M}×{C}{If(hasBias, "bias")}{If(accumulate, "accumulate")}",
            (kernels, operands) =>
            {
                var (x, gain, statistics) = (operands["x"], operands["gain"], operands["statistics"]);
                kernels.LayerNorm(x, gain, operands.Optional("bias"), Eps, operands["y"], statistics);
                kernels.LayerNormBackward(
                    x, gain, statistics, operands["dy"],
                    operands["dx"], accumulate, operands["dgain"], operands.Optional("dbias"), accumulate);
            },
            [
                Input("x", M, C),
                Input("gain", 1, C),
                Input("dy", M, C),
                Output("y", M, C),
                Output("statistics", M, 2),
                Output("dx", M, C, accumulate: accumulate),
                Output("dgain", 1, C, accumulate: accumulate),
                .. hasBias ? new[] { Input("bias", 1, C), Output("dbias", 1, C, accumulate: accumulate) } : [],
            ]);
    }

    // No number so near the kink of ReLU that a finite difference would step over it.
    private static Func<Random, double> Away(double range) => random =>
    {
        var value = range * Uniform(random);
        return Math.Abs(value) < 1e-3 ? 1e-3 : value;
    };
}
