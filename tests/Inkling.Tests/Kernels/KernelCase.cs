using Inkling.Kernels;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

/// <summary>
/// One operation at one size, described once (after ggml's test-backend-ops): from it follow parity with the reference,
/// gradients by finite differences, and canaries. Names carry the meaning: an output "dx" beside an input "x" is the
/// gradient of x, and an input "dy" beside an output "y" is the gradient that arrives at y.
/// </summary>
internal sealed class KernelCase
{
    // Half the distance of 1 and the next float: the most that rounding takes off a number, relatively.
    private const double Epsilon = 1.0 / (1 << 24);

    private readonly Action<IKernels, OperandMemory> _run;
    private readonly Lazy<Dictionary<string, double[]>> _expected;
    private readonly Lazy<Dictionary<string, double[]>> _magnitudes;

    public KernelCase(string name, Action<IKernels, OperandMemory> run, params Operand[] operands)
    {
        (Name, _run, Operands) = (name, run, operands);
        var random = new Random(name.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter)));
        Values = operands.Where(operand => operand.Values is not null).ToDictionary(operand => operand.Name, operand => operand.Draw(random));
        _expected = new(() => Run(Values));
        _magnitudes = new(() => Run(Values.ToDictionary(pair => pair.Key, pair => Array.ConvertAll(pair.Value, Math.Abs))));
    }

    public string Name { get; }

    public IReadOnlyList<Operand> Operands { get; }

    /// <summary>Of the operation's products.</summary>
    public Precision Precision { get; init; }

    /// <summary>What the operands hold at first, outputs that are added to included.</summary>
    public IReadOnlyDictionary<string, double[]> Values { get; }

    /// <summary>The outputs, by the reference kernels in double.</summary>
    public IReadOnlyDictionary<string, double[]> Expected => _expected.Value;

    /// <summary>The outputs by the reference kernels in double, from other values.</summary>
    public Dictionary<string, double[]> Run(IReadOnlyDictionary<string, double[]> values)
    {
        using var kernels = new ReferenceKernels<double>();
        return Run(kernels, values, OperandLayout.Tight);
    }

    /// <summary>The outputs by some kernels, after a check that they changed nothing else.</summary>
    public Dictionary<string, double[]> Run(IKernels kernels, OperandLayout layout) => Run(kernels, Values, layout);

    /// <summary>
    /// Asserts that outputs agree with <see cref="Expected"/>. Sums of products: |error| ≤ 4·√terms·ε·Σ|a||b|, since errors
    /// of rounding add up like a random walk, of which no element of a matrix is likely to stray past four deviations; Σ|a||b|
    /// is what the operation makes of the absolute values of its operands. All else: Σ error² ≤ 1e-10·Σ expected², that is five
    /// digits, plus 1e-7 per element for what is exactly zero by cancellation, as operands are about one; an operand may ask for less.
    /// </summary>
    public void AssertAgrees(IReadOnlyDictionary<string, double[]> actual)
    {
        foreach (var operand in Operands.Where(operand => operand.IsOutput))
        {
            var (expected, computed) = (Expected[operand.Name], actual[operand.Name]);
            var (errors, squares) = (0.0, 0.0);
            for (var i = 0; i < expected.Length; i++)
            {
                var where = $"{Name}: {operand.Name}[{i / operand.Columns}, {i % operand.Columns}] is {computed[i]}, expected {expected[i]}";
                if (!double.IsFinite(expected[i]))
                {
                    Assert.True(computed[i].Equals(expected[i]), where);
                    continue;
                }

                var error = Math.Abs(computed[i] - expected[i]);
                if (operand.Terms > 0)
                    Assert.True(error <= 4 * Math.Sqrt(operand.Terms) * Epsilon * _magnitudes.Value[operand.Name][i], where);

                errors += error * error;
                squares += expected[i] * expected[i];
            }

            Assert.True(
                errors <= (operand.Tolerance * squares) + (expected.Length * operand.Floor),
                $"{Name}: {operand.Name} has a normalised mean squared error of {errors / squares:e1}.");
        }
    }

    private Dictionary<string, double[]> Run(IKernels kernels, IReadOnlyDictionary<string, double[]> values, OperandLayout layout)
    {
        using var memory = new OperandMemory(kernels, Operands, values, layout);
        _run(kernels, memory);
        return memory.ReadOutputs();
    }
}
