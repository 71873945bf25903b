using Inkling.Kernels;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

public class ReferenceKernelTests
{
    // Central differences: the cut-off third-order term is about Step² = 1e-10, rounding about 1e-16/Step = 1e-11 of the objective.
    private const double Step = 1e-5;
    private const double Tolerance = 1e-6;

    public static TheoryData<string> Names => [.. SmallCases.Select(kernelCase => kernelCase.Name)];

    /// <summary>Without bfloat16: what is rounded moves in jumps, and has no derivative.</summary>
    public static TheoryData<string> NamesWithGradient
        => [.. SmallCases.Where(kernelCase => kernelCase.Precision == Precision.Float32 && Gradients(kernelCase).Any()).Select(kernelCase => kernelCase.Name)];

    // What is right for all small sizes is right for large ones, as the reference has no blocks or edges.
    private static IEnumerable<KernelCase> SmallCases
        => KernelCases.All.Where(kernelCase => kernelCase.Operands.All(operand => operand.Rows * operand.Columns <= 1200));

    [Theory]
    [MemberData(nameof(NamesWithGradient))]
    public void Gradient_is_the_finite_difference(string name)
    {
        var kernelCase = KernelCases.Named(name);
        foreach (var (output, input) in Gradients(kernelCase))
        {
            var gradient = Difference(kernelCase.Expected[output], kernelCase.Values.GetValueOrDefault(output));
            foreach (var direction in Directions(gradient.Length))
            {
                var expected = (Objective(kernelCase, input, direction, Step) - Objective(kernelCase, input, direction, -Step)) / (2 * Step);
                var actual = Dot(gradient, direction);
                var scale = 1e-2 + gradient.Zip(direction, (g, d) => Math.Abs(g * d)).Sum();
                Assert.True(Math.Abs(actual - expected) <= Tolerance * scale, $"{name}: {output} is {actual} along a direction, difference {expected}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Float_agrees_with_double_and_touches_nothing_else(string name)
    {
        using var kernels = new ReferenceKernels<float>();
        foreach (var layout in Enum.GetValues<OperandLayout>())
            KernelCases.Named(name).AssertAgrees(KernelCases.Named(name).Run(kernels, layout));

        Assert.Equal(0, kernels.AllocatedBytes);
    }

    // 50 digits by mpmath.
    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(1e-9, 1.1283791670955125739e-9)]
    [InlineData(0.5, 0.52049987781304653768)]
    [InlineData(-1.0, -0.84270079294971486934)]
    [InlineData(2.0, 0.99532226501895273416)]
    [InlineData(2.999, 0.99997776983140016593)]
    [InlineData(3.0, 0.99997790950300141456)]
    [InlineData(4.0, 0.99999998458274209972)]
    [InlineData(30.0, 1.0)]
    [InlineData(double.NegativeInfinity, -1.0)]
    public void Erf_is_right_to_a_few_units_in_the_last_place(double x, double expected)
        => Assert.InRange(ReferenceActivation.Erf(x), expected - (4e-16 * Math.Abs(expected)), expected + (4e-16 * Math.Abs(expected)));

    // Every output dx whose input x is there, as the names say.
    private static IEnumerable<(string Output, string Input)> Gradients(KernelCase kernelCase)
        => from output in kernelCase.Operands
           where output.IsOutput && output.Name[0] == 'd' && kernelCase.Values.ContainsKey(output.Name[1..])
           select (output.Name, output.Name[1..]);

    // All elements of a small operand one by one; for any, random directions, in which no wrong element can hide.
    private static IEnumerable<double[]> Directions(int length)
    {
        if (length <= 64)
        {
            for (var i = 0; i < length; i++)
            {
                var unit = new double[length];
                unit[i] = 1;
                yield return unit;
            }
        }

        var random = new Random(length);
        for (var i = 0; i < 3; i++)
            yield return [.. Enumerable.Range(0, length).Select(_ => Operand.Uniform(random))];
    }

    // Σ y·dy over every output y that a gradient dy arrives at, after a step of one input.
    private static double Objective(KernelCase kernelCase, string input, double[] direction, double step)
    {
        var values = new Dictionary<string, double[]>(kernelCase.Values)
        {
            [input] = [.. kernelCase.Values[input].Zip(direction, (value, d) => value + (step * d))],
        };
        return kernelCase.Run(values).Sum(output => values.TryGetValue("d" + output.Key, out var dy) ? Dot(output.Value, dy) : 0);
    }

    private static double[] Difference(double[] after, double[]? before) => before is null ? after : [.. after.Zip(before, (a, b) => a - b)];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
