using static Inkling.Kernels.Cpu.Emitted.Register;

namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>
/// Writes the functions of <see cref="Bfloat16Code"/>. Each takes one pointer to its arguments. A step is two neighbouring terms of k, rounded to
/// bfloat16, in 4 bytes: what VDPBF16PS takes from each side.
/// </summary>
internal static class Bfloat16Generator
{
    private const int VectorBytes = 64;

    /// <summary>
    /// Up to twelve rows by two vectors of sums, which stay in registers while k runs: zmm0 to zmm23 the sums, zmm30 and zmm31 the right operand, zmm28 and zmm29 by
    /// turns the left. Rows 0, 3, 6 and 9 have a pointer each, and the two rows after them are at one and two pitches from it.
    /// </summary>
    public static void Tile(Assembler code, int height)
    {
        Register[] rows = [R8, R9, R10, R11];
        code.Move(Rax, new Address(Rdi, Displacement: Cpu.Tile.At.ColumnMask));
        code.MoveMask(1, Rax);
        code.ShiftRight(Rax, 16);
        code.MoveMask(2, Rax);

        code.Move(Rax, new Address(Rdi, Displacement: Cpu.Tile.At.Start));
        code.Test(Rax);
        var fromZero = code.JumpIfZero();
        MovePitch(code, Rsi, Cpu.Tile.At.StartPitch);
        ForEachRow((row, sum) =>
        {
            code.LoadMasked(sum, 1, new Address(Rax));
            code.LoadMasked(sum + 1, 2, new Address(Rax, Displacement: VectorBytes));
            code.Add(Rax, Rsi);
        });
        var begin = code.Jump();
        code.Land(fromZero);
        ForEachRow((_, sum) =>
        {
            code.Clear(sum);
            code.Clear(sum + 1);
        });
        code.Land(begin);

        code.Move(R8, new Address(Rdi, Displacement: Cpu.Tile.At.A));
        MovePitch(code, Rcx, Cpu.Tile.At.RowStride);
        MovePitch(code, Rdx, Cpu.Tile.At.StepStride);
        for (var i = 1; 3 * i < height; i++)
        {
            code.LoadAddress(rows[i], new Address(rows[i - 1], Rcx, 2));
            code.Add(rows[i], Rcx);
        }

        code.Move(Rsi, new Address(Rdi, Displacement: Cpu.Tile.At.B));
        code.Move(Rax, new Address(Rdi, Displacement: Cpu.Tile.At.Depth));
        code.Test(Rax);
        var nothing = code.JumpIfZero();
        var step = code.Position;
        code.Load(30, new Address(Rsi));
        code.Load(31, new Address(Rsi, Displacement: VectorBytes));
        ForEachRow((row, sum) =>
        {
            var left = 28 + (row % 2);
            var first = rows[row / 3];
            code.Broadcast(left, row % 3 == 0 ? new Address(first) : new Address(first, Rcx, row % 3));
            code.DotProduct(sum, 30, left);
            code.DotProduct(sum + 1, 31, left);
        });
        for (var i = 0; 3 * i < height; i++)
        {
            code.Add(rows[i], Rdx);
        }

        code.Add(Rsi, 2 * VectorBytes);
        code.Decrement(Rax);
        code.JumpIfNotZero(step);
        code.Land(nothing);

        code.Move(Rax, new Address(Rdi, Displacement: Cpu.Tile.At.C));
        MovePitch(code, Rsi, Cpu.Tile.At.Pitch);
        ForEachRow((_, sum) =>
        {
            code.StoreMasked(new Address(Rax), 1, sum);
            code.StoreMasked(new Address(Rax, Displacement: VectorBytes), 2, sum + 1);
            code.Add(Rax, Rsi);
        });
        code.Return();

        void ForEachRow(Action<int, int> body)
        {
            for (var row = 0; row < height; row++)
            {
                body(row, 2 * row);
            }
        }
    }

    /// <summary>Rounds rows of floats: two neighbours of a row become a step.</summary>
    public static void Rows(Assembler code)
        => ForEach(code, rows: 1, () =>
        {
            code.Test(R10);
            var noVector = code.JumpIfZero();
            var vector = code.Position;
            code.Load(0, new Address(Rsi, Displacement: VectorBytes));
            code.Round(0, 0, new Address(Rsi));
            code.Store(new Address(Rdx), 0);
            code.Add(Rsi, 2 * VectorBytes);
            code.Add(Rdx, VectorBytes);
            code.Decrement(R10);
            code.JumpIfNotZero(vector);
            code.Land(noVector);

            // The end of the row. Where there is none, all masks are zero, and nothing is read or written.
            code.LoadMasked(0, 2, new Address(Rsi, Displacement: VectorBytes));
            code.LoadMasked(1, 1, new Address(Rsi));
            code.Round(0, 0, 1);
            code.StoreMasked(new Address(Rdx), 3, 0);
            code.Add(R9, R11);
        });

    /// <summary>
    /// Rounds pairs of rows: what stands below each other becomes a step. Rounding puts one row behind the other; zmm31 says in which order their words
    /// then alternate.
    /// </summary>
    public static void Pairs(Assembler code)
    {
        LoadOrder(code);
        ForEach(code, rows: 2, () =>
        {
            code.Test(R10);
            var noVector = code.JumpIfZero();
            var vector = code.Position;
            code.LoadMasked(0, 3, new Address(Rsi, Rax));
            code.Round(0, 0, new Address(Rsi));
            code.PermuteWords(0, 31, 0);
            code.Store(new Address(Rdx), 0);
            code.Add(Rsi, VectorBytes);
            code.Add(Rdx, VectorBytes);
            code.Decrement(R10);
            code.JumpIfNotZero(vector);
            code.Land(noVector);

            code.LoadMasked(0, 2, new Address(Rsi, Rax));
            code.LoadMasked(1, 1, new Address(Rsi));
            code.Round(0, 0, 1);
            code.PermuteWords(0, 31, 0);
            code.StoreMasked(new Address(Rdx), 1, 0);
            code.Add(R9, R11);
        });
    }

    /// <summary>
    /// <see cref="Pairs"/> for panels of two vectors: what follows in a row goes to the next panel, and the next pair of rows behind the one before.
    /// </summary>
    public static void Panels(Assembler code)
    {
        LoadOrder(code);
        ForEach(code, rows: 2, () =>
        {
            var panel = code.Position;
            for (var vector = 0; vector < 2; vector++)
            {
                code.LoadMasked(vector, 3, new Address(Rsi, Rax, Displacement: vector * VectorBytes));
                code.Round(vector, vector, new Address(Rsi, Displacement: vector * VectorBytes));
                code.PermuteWords(vector, 31, vector);
                code.Store(new Address(Rdx, Displacement: vector * VectorBytes), vector);
            }

            code.Add(Rsi, 2 * VectorBytes);
            code.Add(Rdx, R11);
            code.Decrement(R10);
            code.JumpIfNotZero(panel);
            code.Add(R9, 2 * VectorBytes);
        });
    }

    /// <summary>As many dot products as a counter says times <paramref name="chains"/>, each chain by itself: what the processor can do at best.</summary>
    public static void Peak(Assembler code, int chains)
    {
        for (var i = 0; i < 32; i++)
        {
            code.Clear(i);
        }

        code.Move(Rax, new Address(Rdi));
        var round = code.Position;
        for (var chain = 0; chain < chains; chain++)
        {
            code.DotProduct(chain, 30, 31);
        }

        code.Decrement(Rax);
        code.JumpIfNotZero(round);
        code.Return();
    }

    /// <summary>
    /// Goes through rows, one or two at a time. The body finds the first at rsi and the second rax bytes further, its destination at rdx, and in r10 how many vectors
    /// or panels there are; it moves r9 on to the next destination, for which r11 has the pitch.
    /// </summary>
    private static void ForEach(Assembler code, int rows, Action body)
    {
        LoadMasks(code);
        code.Move(R8, new Address(Rdi, Displacement: Rounding.At.Source));
        code.Move(R9, new Address(Rdi, Displacement: Rounding.At.Destination));
        MovePitch(code, Rax, Rounding.At.SourcePitch);
        MovePitch(code, R11, Rounding.At.DestinationPitch);
        code.Move(Rcx, new Address(Rdi, Displacement: Rounding.At.Count));

        var loop = code.Position;
        code.Move(Rsi, R8);
        code.Move(Rdx, R9);
        code.Move(R10, new Address(Rdi, Displacement: Rounding.At.Vectors));
        body();
        for (var row = 0; row < rows; row++)
        {
            code.Add(R8, Rax);
        }

        code.Decrement(Rcx);
        code.JumpIfNotZero(loop);
        code.Return();
    }

    private static void LoadOrder(Assembler code)
    {
        code.Move(Rax, new Address(Rdi, Displacement: Rounding.At.Order));
        code.Load(31, new Address(Rax));
    }

    private static void LoadMasks(Assembler code)
    {
        foreach (var (mask, offset) in new[] { (1, Rounding.At.FirstMask), (2, Rounding.At.SecondMask), (3, Rounding.At.ThirdMask) })
        {
            code.Move(Rax, new Address(Rdi, Displacement: offset));
            code.MoveMask(mask, Rax);
        }
    }

    /// <summary>A number of floats as a number of bytes.</summary>
    private static void MovePitch(Assembler code, Register target, int offset)
    {
        code.Move(target, new Address(Rdi, Displacement: offset));
        code.ShiftLeft(target, 2);
    }
}
