using Inkling.Kernels;
using Inkling.Kernels.Cpu.Emitted;

namespace Inkling.Tests.Kernels.Emitted;

/// <summary>The emitted rounding against plain C#: every step that there is, and not a byte beside.</summary>
public sealed unsafe class Bfloat16FunctionsTests
{
    private const uint Canary = 0x7FC0_BEEF;

    // Either side of the vectors of 16 lanes and of the 32 terms that fill one.
    private static readonly int[] Sizes = [1, 2, 3, 15, 16, 17, 30, 31, 32, 33, 47, 48, 63, 64, 65, 100];

    [MachineCodeFact]
    public void Rows_are_rounded_step_by_step_and_nothing_else_is_written()
    {
        using var code = Create();
        foreach (var terms in Sizes)
        {
            foreach (var rows in new[] { 1, 2, 5 })
            {
                foreach (var gap in new[] { 0, 1, 7 })
                {
                    var source = new Matrix(rows, terms, gap);
                    var steps = (terms + 1) / 2;
                    var destination = new Matrix(rows, steps, gap, Canary);
                    fixed (float* from = source.Numbers, to = destination.Numbers)
                        code.Functions->RoundRows(from + Matrix.Before, source.Pitch, rows, terms, to + Matrix.Before, destination.Pitch);

                    destination.AssertHolds((row, step) => Step(source, (row, 2 * step), (row, (2 * step) + 1)), $"{rows} rows of {terms} terms, {gap} apart");
                }
            }
        }
    }

    [MachineCodeFact]
    public void Pairs_of_rows_are_rounded_step_by_step_and_nothing_else_is_written()
    {
        using var code = Create();
        foreach (var columns in Sizes)
        {
            foreach (var terms in new[] { 1, 2, 3, 8, 9 })
            {
                foreach (var gap in new[] { 0, 1, 7 })
                {
                    var source = new Matrix(terms, columns, gap);
                    var destination = new Matrix((terms + 1) / 2, columns, gap, Canary);
                    fixed (float* from = source.Numbers, to = destination.Numbers)
                        code.Functions->RoundPairs(from + Matrix.Before, source.Pitch, terms, columns, to + Matrix.Before, destination.Pitch);

                    destination.AssertHolds(
                        (step, column) => Step(source, (2 * step, column), ((2 * step) + 1, column)), $"{terms} terms of {columns} columns, {gap} apart");
                }
            }
        }
    }

    [MachineCodeFact]
    public void Panels_are_rounded_side_by_side_and_nothing_between_them_is_written()
    {
        const int Width = Bfloat16Code.TileColumns;
        using var code = Create();
        foreach (var panels in new[] { 1, 2, 3, 4, 5 })
        {
            foreach (var terms in new[] { 1, 2, 3, 8, 9 })
            {
                // Panels lie one step further apart than they are long.
                var source = new Matrix(terms, panels * Width, gap: 3);
                var pitch = ((terms + 1) / 2) + 1;
                var destination = new Matrix(panels * pitch, Width, gap: 0, Canary);
                fixed (float* from = source.Numbers, to = destination.Numbers)
                    code.Functions->RoundPanels(from + Matrix.Before, source.Pitch, terms, panels, to + Matrix.Before, pitch * Width);

                destination.AssertHolds(
                    (row, lane) =>
                    {
                        var (panel, step) = Math.DivRem(row, pitch);
                        var column = (panel * Width) + lane;
                        return step == pitch - 1 ? Canary : Step(source, (2 * step, column), ((2 * step) + 1, column));
                    },
                    $"{panels} panels of {terms} terms");
            }
        }
    }

    /// <summary>In place, as attention packs its lanes: a row is written only when both rows of its pair are read.</summary>
    [MachineCodeFact]
    public void Pairs_may_be_rounded_where_they_lie()
    {
        using var code = Create();
        foreach (var terms in new[] { 1, 2, 7, 40 })
        {
            const int Columns = 32;
            Matrix source = new(terms, Columns, 0), rounded = new(terms, Columns, 0);
            fixed (float* numbers = rounded.Numbers)
                code.Functions->RoundPairs(numbers + Matrix.Before, Columns, terms, Columns, numbers + Matrix.Before, Columns);

            for (var i = 0; i < (terms + 1) / 2 * Columns; i++)
            {
                var (step, column) = Math.DivRem(i, Columns);
                Assert.Equal(Step(source, (2 * step, column), ((2 * step) + 1, column)), rounded.Bits(step, column));
            }
        }
    }

    private static Bfloat16Code Create() => Bfloat16Code.TryCreate(out var refusal) ?? throw new InvalidOperationException(refusal);

    private static uint Step(Matrix source, (int Row, int Column) first, (int Row, int Column) second)
        => Rounded(source, first) | (Rounded(source, second) << 16);

    // The instruction takes denormals for zero. What is missing is zero as well.
    private static uint Rounded(Matrix source, (int Row, int Column) place)
    {
        if (place.Row >= source.Rows || place.Column >= source.Columns)
            return 0;

        var value = BitConverter.UInt32BitsToSingle(source.Bits(place.Row, place.Column));
        return BitConverter.SingleToUInt32Bits(Bfloat16.Round(float.IsSubnormal(value) ? MathF.CopySign(0, value) : value)) >> 16;
    }

    /// <summary>Rows with gaps between and canaries around.</summary>
    private sealed class Matrix
    {
        public const int Before = 16;

        private const int After = 64;

        private static readonly uint[] Edges =
            [0x0000_0000, 0x8000_0000, 0x3F80_8000, 0x3F81_8000, 0x7F7F_FFFF, 0xFF7F_8000, 0x7F80_0000, 0xFF80_0000, 0x7F80_0001, 0xFFFF_FFFF, 0x0000_0001, 0x807F_FFFF];

        /// <summary>Full of one pattern of bits, or of edges among random numbers, around which lie canaries.</summary>
        public Matrix(int rows, int columns, int gap, uint? filling = null)
        {
            (Rows, Columns, Pitch) = (rows, columns, columns + gap);
            Numbers = new float[Before + (rows * Pitch) + After];
            var random = new Random((rows * 1_000) + columns);
            for (var i = 0; i < Numbers.Length; i++)
            {
                var bits = filling ?? (!IsElement(i) ? Canary : random.Next(3) == 0 ? Edges[random.Next(Edges.Length)] : (uint)random.NextInt64(1L << 32));
                Numbers[i] = BitConverter.UInt32BitsToSingle(bits);
            }
        }

        public int Rows { get; }

        public int Columns { get; }

        public int Pitch { get; }

        public float[] Numbers { get; }

        public uint Bits(int row, int column) => BitConverter.SingleToUInt32Bits(Numbers[Before + (row * Pitch) + column]);

        public void AssertHolds(Func<int, int, uint> expected, string when)
        {
            for (var i = 0; i < Numbers.Length; i++)
            {
                var (row, column) = Math.DivRem(i - Before, Pitch);
                var bits = IsElement(i) ? expected(row, column) : Canary;
                var actual = BitConverter.SingleToUInt32Bits(Numbers[i]);
                Assert.True(bits == actual, $"{when}: element [{row}, {column}] is {actual:X8}, expected {bits:X8}");
            }
        }

        private bool IsElement(int i) => i >= Before && (i - Before) / Pitch < Rows && (i - Before) % Pitch < Columns;
    }
}
