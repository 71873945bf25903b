using Inkling.Kernels;
using Inkling.Kernels.Reference;

namespace Inkling.Tests.Kernels;

/// <summary>
/// What is no number, and what bfloat16 has no number for, comes out of a product as it comes out of the reference's, whatever its bits: rounding must
/// not make a number of it.
/// </summary>
public class NonFiniteProductTests(CpuKernelsFixture cpu) : IClassFixture<CpuKernelsFixture>
{
    private const int M = 5, K = 19, N = 37;

    // Signalling and quiet NaNs, with bits in the lower half alone and all of them; infinities; the largest number, which rounds to infinity; and
    // the largest that does not.
    private static readonly uint[] Bits =
        [0x7F80_0001, 0x7F80_FFFF, 0x7FC0_0000, 0x7FFF_FFFF, 0xFF80_0001, 0xFFFF_FFFF, 0xFFFF_8000, 0x7F80_0000, 0xFF80_0000, 0x7F7F_FFFF, 0xFF7F_FFFF, 0x7F7F_7FFF];

    [Theory]
    [MemberData(nameof(CpuKernelsFixture.VariantsOfPrecisions), MemberType = typeof(CpuKernelsFixture))]
    public void It_comes_out_as_the_reference_has_it(string variant, Precision precision)
    {
        using var reference = new ReferenceKernels<float>();
        foreach (var bits in Bits)
        {
            foreach (var (row, column) in new[] { (0, 0), (2, 16), (4, 18) })
            {
                var spoiled = new Spoiled(BitConverter.UInt32BitsToSingle(bits), row, column);
                foreach (var operand in new[] { "x", "w", "dy" })
                {
                    var (expected, actual) = (Run(reference, operand, spoiled, precision), Run(cpu.Get(variant, 1), operand, spoiled, precision));
                    for (var i = 0; i < expected.Length; i++)
                        Assert.True(IsSame(expected[i], actual[i]), $"{bits:X8} in {operand}[{row}, {column}]: result {i} is {actual[i]}, expected {expected[i]}");

                    Assert.Contains(expected, number => !float.IsFinite(number) || Math.Abs(number) > 1e36);
                }
            }
        }
    }

    /// <summary>Spoils what attention mixes, its queries, keys and values and the gradient, in one place each.</summary>
    [Theory]
    [MemberData(nameof(CpuKernelsFixture.VariantsOfPrecisions), MemberType = typeof(CpuKernelsFixture))]
    public void Attention_has_none_where_the_reference_has_none(string variant, Precision precision)
    {
        using var reference = new ReferenceKernels<float>();
        foreach (var bits in Bits.Where(bits => float.IsNaN(BitConverter.UInt32BitsToSingle(bits))))
        {
            foreach (var operand in new[] { "q", "k", "v", "dy" })
            {
                var spoiled = new Spoiled(BitConverter.UInt32BitsToSingle(bits), 3, 4);
                foreach (var ((name, expected), (_, actual)) in Attend(reference, operand, spoiled, precision).Zip(Attend(cpu.Get(variant, 1), operand, spoiled, precision)))
                {
                    for (var i = 0; i < expected.Length; i++)
                        Assert.True(float.IsNaN(actual[i]) || !float.IsNaN(expected[i]), $"{bits:X8} in {operand}: {name} {i} is {actual[i]}");
                }
            }
        }
    }

    private static bool IsSame(float expected, float actual)
        => float.IsNaN(expected) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual);

    private static float[] Run(IKernels kernels, string operand, Spoiled spoiled, Precision precision)
    {
        var (x, w, dy) = (Normal(kernels, M, K, 1), Normal(kernels, K, N, 2), Normal(kernels, M, N, 3));
        spoiled.Put(kernels, operand == "x" ? x : operand == "w" ? w : dy);
        var (y, dx, dw) = (kernels.Matrix(M, N), kernels.Matrix(M, K), kernels.Matrix(K, N));
        using var weight = kernels.Prepare(w, WeightLayout.InputByOutput, precision);
        kernels.Linear(new LinearArguments { X = x, Weight = weight, Y = y });
        kernels.LinearBackwardInput(dy, weight, dx, accumulate: false);
        kernels.LinearBackwardWeight(x, dy, dw, WeightLayout.InputByOutput, precision, accumulate: false);
        return [.. Read(kernels, y), .. Read(kernels, dx), .. Read(kernels, dw)];
    }

    private static (string Name, float[] Numbers)[] Attend(IKernels kernels, string operand, Spoiled spoiled, Precision precision)
    {
        const int T = 9, D = 6;
        var shape = new AttentionShape
        {
            BatchSize = 1,
            QueryCount = T,
            KeyCount = T,
            KeyCapacity = T,
            HeadCount = 1,
            KeyHeadCount = 1,
            HeadSize = D,
            Causal = true,
            Precision = precision,
        };
        var (q, k, v, dy) = (Normal(kernels, T, D, 1), Normal(kernels, T, D, 2), Normal(kernels, T, D, 3), Normal(kernels, T, D, 4));
        spoiled.Put(kernels, operand switch { "q" => q, "k" => k, "v" => v, _ => dy });
        var (y, logSumExp) = (kernels.Matrix(T, D), kernels.Matrix(1, T));
        var (dq, dk, dv) = (kernels.Matrix(T, D), kernels.Matrix(T, D), kernels.Matrix(T, D));
        kernels.Attention(shape, q, k, v, Dropout.None, y, logSumExp);
        kernels.AttentionBackward(shape, q, k, v, Dropout.None, y, logSumExp, dy, dq, dk, dv);
        return [("y", Read(kernels, y)), ("dq", Read(kernels, dq)), ("dk", Read(kernels, dk)), ("dv", Read(kernels, dv))];
    }

    private static float[] Read(IKernels kernels, MatrixView view)
    {
        var numbers = new float[view.Count];
        kernels.Read<float>(view, numbers);
        return numbers;
    }

    private static MatrixView Normal(IKernels kernels, int rows, int columns, uint site)
    {
        var matrix = kernels.Matrix(rows, columns);
        kernels.FillNormal(matrix, 1, new RandomKey(1, RandomPurpose.Initialization, 0, site));
        return matrix;
    }

    /// <summary>A value, with its bits as they are, at a place.</summary>
    private readonly record struct Spoiled(float Value, int Row, int Column)
    {
        public void Put(IKernels kernels, MatrixView matrix)
            => kernels.Write<float>(matrix.SliceRows(Row, 1).SliceColumns(Column, 1), [Value]);
    }
}
