namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>Compares the emitted functions with plain C# on a small case with edges, ties of rounding and every height of a tile.</summary>
internal static unsafe class Bfloat16Check
{
    private const int Rows = 30;
    private const int Columns = 21;
    private const int Terms = 35;
    private const int Steps = (Terms + 1) / 2;
    private const int Slack = 64;

    /// <summary>What is different from what it should be; null when all is well.</summary>
    public static string? Difference(Bfloat16Functions* code)
    {
        Span<float> memory = new float[(Rows * Terms) + (Terms * Columns) + (Rows * Steps) + (Steps * Bfloat16Code.TileColumns) + (Rows * Columns) + Slack];
        fixed (float* a = memory)
        {
            float* b = a + (Rows * Terms), left = b + (Terms * Columns), right = left + (Rows * Steps), c = right + (Steps * Bfloat16Code.TileColumns);
            for (var i = 0; i < (Rows * Terms) + (Terms * Columns); i++)
            {
                // Every third value lies halfway between two of bfloat16.
                a[i] = ((((i * 37) % 101) - 50) / 16f) + (i % 3 == 0 ? 1f / 4096 : i / 3e4f);
            }

            if (!PanelsAreRoundedAlike(code, a))
            {
                return "a check of the machine code failed: panels are not packed as pairs of rows are";
            }

            code->RoundRows(a, Terms, Rows, Terms, left, Steps);
            code->RoundPairs(b, Columns, Terms, Columns, right, Bfloat16Code.TileColumns);
            for (var height = 1; height <= Bfloat16Code.TileRows; height++)
            {
                var rows = Math.Min(Rows, height + Bfloat16Code.TileRows);
                new Span<float>(c, Rows * Columns).Fill(0.25f);
                code->Multiply(
                    new Tile
                    {
                        A = left,
                        RowStride = Steps,
                        StepStride = 1,
                        B = right,
                        PanelStride = Bfloat16Code.TileColumns,
                        Depth = Steps,
                        Start = c,
                        StartPitch = Columns,
                        C = c,
                        Pitch = Columns,
                    },
                    rows,
                    Columns);
                for (var i = 0; i < Rows * Columns; i++)
                {
                    var (row, column) = Math.DivRem(i, Columns);
                    var expected = row < rows ? Sum(a + (row * Terms), b + column, 0.25f) : 0.25f;
                    if (BitConverter.SingleToUInt32Bits(c[i]) != BitConverter.SingleToUInt32Bits(expected))
                    {
                        return $"a check of the machine code failed: element ({row}, {column}) of a product is {c[i]:R} and not {expected:R}";
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Two panels at once against one after the other, by the function that the products below go through.</summary>
    private static bool PanelsAreRoundedAlike(Bfloat16Functions* code, float* source)
    {
        const int Width = Bfloat16Code.TileColumns, OddTerms = 9, Size = (OddTerms + 1) / 2 * Width;
        float* together = stackalloc float[2 * Size], apart = stackalloc float[2 * Size];
        code->RoundPanels(source, 2 * Width, OddTerms, 2, together, Size);
        for (var panel = 0; panel < 2; panel++)
        {
            code->RoundPairs(source + (panel * Width), 2 * Width, OddTerms, Width, apart + (panel * Size), Width);
        }

        return new Span<uint>(together, 2 * Size).SequenceEqual(new Span<uint>(apart, 2 * Size));
    }

    private static float Sum(float* row, float* column, float start)
    {
        var sum = start;
        for (var place = 0; place < Terms; place++)
        {
            var k = Bfloat16.Term(place, Terms);
            sum = MathF.FusedMultiplyAdd(Bfloat16.Round(row[k]), Bfloat16.Round(column[k * Columns]), sum);
        }

        return sum;
    }
}
