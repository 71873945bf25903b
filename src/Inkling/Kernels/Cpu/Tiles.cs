using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inkling.Kernels.Cpu;

/// <summary>Operands of one register tile: c = start + a·b over <see cref="Depth"/> terms.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Tile
{
    /// <summary>Element (row, k) of a is at A[row·RowStride + k·StepStride]: rows or columns of a matrix, wherever it lies.</summary>
    public float* A;
    public nint RowStride;
    public nint StepStride;

    /// <summary>Two vectors for each k. <see cref="PanelStride"/> floats lie from one k to the next: two vectors as <see cref="Packing{V}"/> lays them out.</summary>
    public float* B;
    public nint PanelStride;

    /// <summary>Number of terms.</summary>
    public nint Depth;

    /// <summary>What the sums begin with, or null for zero; a pitch of 0 gives every row the same.</summary>
    public float* Start;
    public nint StartPitch;

    /// <summary>Result.</summary>
    public float* C;
    public nint Pitch;

    /// <summary>For emitted code: which columns there are.</summary>
    public ulong ColumnMask;

    /// <summary>Where the fields lie, in bytes, as emitted code finds them.</summary>
    internal static class At
    {
        public const int A = 0;
        public const int RowStride = 8;
        public const int StepStride = 16;
        public const int B = 24;
        public const int Depth = 40;
        public const int Start = 48;
        public const int StartPitch = 56;
        public const int C = 64;
        public const int Pitch = 72;
        public const int ColumnMask = 80;
    }
}

/// <summary>
/// The register tiles of all products: up to twelve rows by two vectors of sums, which stay in registers while k runs.
/// Each sum is one chain of fused multiply-adds in the order of k, so neither the height of the tile nor the place where k
/// is cut changes a bit. a is read where it lies: every value loaded is used 2W times, so packing it brings nothing.
/// The heights are written out because the JIT keeps variables in registers, but never the elements of an array.
/// </summary>
internal static unsafe class Tiles<V>
    where V : unmanaged, ISimd<V>
{
    /// <summary>Columns of a tile.</summary>
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * V.Count;
    }

    /// <summary>
    /// c = start + a·b for <paramref name="rows"/> rows and <paramref name="columns"/> ≤ <see cref="Width"/> columns; b is padded to the width,
    /// c and start are not.
    /// </summary>
    public static void Multiply(in Tile panel, int rows, int columns)
    {
        if (columns == Width)
        {
            MultiplyRows(panel, rows);
            return;
        }

        // The edge goes through a scratch tile of full width, so that nothing beyond the matrix is read or written.
        var scratch = stackalloc float[V.TileRows * Width];
        var edge = panel;
        for (var row = 0; row < rows; row += V.TileRows)
        {
            var height = Math.Min(V.TileRows, rows - row);
            if (panel.Start is not null)
            {
                Copy(panel.Start + (row * panel.StartPitch), panel.StartPitch, scratch, Width, height, columns);
            }

            edge.A = panel.A + (row * panel.RowStride);
            edge.Start = panel.Start is null ? null : scratch;
            edge.StartPitch = Width;
            edge.C = scratch;
            edge.Pitch = Width;
            MultiplyRows(edge, height);
            Copy(scratch, Width, panel.C + (row * panel.Pitch), panel.Pitch, height, columns);
        }
    }

    private static void Copy(float* source, nint sourcePitch, float* destination, nint pitch, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            Unsafe.CopyBlockUnaligned(destination + (row * pitch), source + (row * sourcePitch), (uint)columns * sizeof(float));
        }
    }

    private static void MultiplyRows(in Tile panel, int rows)
    {
        var tile = panel;
        while (rows > 0)
        {
            int height;
            if (rows >= 12 && V.TileRows == 12)
            {
                height = 12;
                Tile12(tile);
            }
            else if (rows >= 8 && V.TileRows == 12)
            {
                height = 8;
                Tile8(tile);
            }
            else if (rows >= 6 && V.TileRows == 6)
            {
                height = 6;
                Tile6(tile);
            }
            else if (rows >= 4)
            {
                height = 4;
                Tile4(tile);
            }
            else
            {
                height = 1;
                Tile1(tile);
            }

            tile.A += height * tile.RowStride;
            tile.Start += tile.Start is null ? 0 : height * tile.StartPitch;
            tile.C += height * tile.Pitch;
            rows -= height;
        }
    }

    /// <summary>12 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12(in Tile tile)
    {
        float* a0 = tile.A, b = tile.B, c = tile.C, start = tile.Start;
        nint row = tile.RowStride, step = tile.StepStride, stride = tile.PanelStride;
        V p0, q0, p1, q1, p2, q2, p3, q3, p4, q4, p5, q5, p6, q6, p7, q7, p8, q8, p9, q9, p10, q10, p11, q11;
        if (start is null)
        {
            p0 = q0 = p1 = q1 = p2 = q2 = p3 = q3 = p4 = q4 = p5 = q5 = p6 = q6 = p7 = q7 = p8 = q8 = p9 = q9 = p10 = q10 = p11 = q11 = default;
        }
        else
        {
            p0 = V.Load(start);
            q0 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p1 = V.Load(start);
            q1 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p2 = V.Load(start);
            q2 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p3 = V.Load(start);
            q3 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p4 = V.Load(start);
            q4 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p5 = V.Load(start);
            q5 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p6 = V.Load(start);
            q6 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p7 = V.Load(start);
            q7 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p8 = V.Load(start);
            q8 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p9 = V.Load(start);
            q9 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p10 = V.Load(start);
            q10 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p11 = V.Load(start);
            q11 = V.Load(start + V.Count);
        }

        var a3 = a0 + (3 * row);
        var a6 = a0 + (6 * row);
        var a9 = a0 + (9 * row);
        var twoRows = 2 * row;
        for (var k = tile.Depth; k > 0; k--)
        {
            V left = V.Load(b), right = V.Load(b + V.Count);
            var x = V.Create(*a0);
            p0 = V.MultiplyAdd(x, left, p0);
            q0 = V.MultiplyAdd(x, right, q0);
            x = V.Create(a0[row]);
            p1 = V.MultiplyAdd(x, left, p1);
            q1 = V.MultiplyAdd(x, right, q1);
            x = V.Create(a0[twoRows]);
            p2 = V.MultiplyAdd(x, left, p2);
            q2 = V.MultiplyAdd(x, right, q2);
            x = V.Create(*a3);
            p3 = V.MultiplyAdd(x, left, p3);
            q3 = V.MultiplyAdd(x, right, q3);
            x = V.Create(a3[row]);
            p4 = V.MultiplyAdd(x, left, p4);
            q4 = V.MultiplyAdd(x, right, q4);
            x = V.Create(a3[twoRows]);
            p5 = V.MultiplyAdd(x, left, p5);
            q5 = V.MultiplyAdd(x, right, q5);
            x = V.Create(*a6);
            p6 = V.MultiplyAdd(x, left, p6);
            q6 = V.MultiplyAdd(x, right, q6);
            x = V.Create(a6[row]);
            p7 = V.MultiplyAdd(x, left, p7);
            q7 = V.MultiplyAdd(x, right, q7);
            x = V.Create(a6[twoRows]);
            p8 = V.MultiplyAdd(x, left, p8);
            q8 = V.MultiplyAdd(x, right, q8);
            x = V.Create(*a9);
            p9 = V.MultiplyAdd(x, left, p9);
            q9 = V.MultiplyAdd(x, right, q9);
            x = V.Create(a9[row]);
            p10 = V.MultiplyAdd(x, left, p10);
            q10 = V.MultiplyAdd(x, right, q10);
            x = V.Create(a9[twoRows]);
            p11 = V.MultiplyAdd(x, left, p11);
            q11 = V.MultiplyAdd(x, right, q11);
            a0 += step;
            a3 += step;
            a6 += step;
            a9 += step;
            b += stride;
        }

        V.Store(p0, c);
        V.Store(q0, c + V.Count);
        c += tile.Pitch;
        V.Store(p1, c);
        V.Store(q1, c + V.Count);
        c += tile.Pitch;
        V.Store(p2, c);
        V.Store(q2, c + V.Count);
        c += tile.Pitch;
        V.Store(p3, c);
        V.Store(q3, c + V.Count);
        c += tile.Pitch;
        V.Store(p4, c);
        V.Store(q4, c + V.Count);
        c += tile.Pitch;
        V.Store(p5, c);
        V.Store(q5, c + V.Count);
        c += tile.Pitch;
        V.Store(p6, c);
        V.Store(q6, c + V.Count);
        c += tile.Pitch;
        V.Store(p7, c);
        V.Store(q7, c + V.Count);
        c += tile.Pitch;
        V.Store(p8, c);
        V.Store(q8, c + V.Count);
        c += tile.Pitch;
        V.Store(p9, c);
        V.Store(q9, c + V.Count);
        c += tile.Pitch;
        V.Store(p10, c);
        V.Store(q10, c + V.Count);
        c += tile.Pitch;
        V.Store(p11, c);
        V.Store(q11, c + V.Count);
    }

    /// <summary>8 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8(in Tile tile)
    {
        float* a0 = tile.A, b = tile.B, c = tile.C, start = tile.Start;
        nint row = tile.RowStride, step = tile.StepStride, stride = tile.PanelStride;
        V p0, q0, p1, q1, p2, q2, p3, q3, p4, q4, p5, q5, p6, q6, p7, q7;
        if (start is null)
        {
            p0 = q0 = p1 = q1 = p2 = q2 = p3 = q3 = p4 = q4 = p5 = q5 = p6 = q6 = p7 = q7 = default;
        }
        else
        {
            p0 = V.Load(start);
            q0 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p1 = V.Load(start);
            q1 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p2 = V.Load(start);
            q2 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p3 = V.Load(start);
            q3 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p4 = V.Load(start);
            q4 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p5 = V.Load(start);
            q5 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p6 = V.Load(start);
            q6 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p7 = V.Load(start);
            q7 = V.Load(start + V.Count);
        }

        var a3 = a0 + (3 * row);
        var a6 = a0 + (6 * row);
        var twoRows = 2 * row;
        for (var k = tile.Depth; k > 0; k--)
        {
            V left = V.Load(b), right = V.Load(b + V.Count);
            var x = V.Create(*a0);
            p0 = V.MultiplyAdd(x, left, p0);
            q0 = V.MultiplyAdd(x, right, q0);
            x = V.Create(a0[row]);
            p1 = V.MultiplyAdd(x, left, p1);
            q1 = V.MultiplyAdd(x, right, q1);
            x = V.Create(a0[twoRows]);
            p2 = V.MultiplyAdd(x, left, p2);
            q2 = V.MultiplyAdd(x, right, q2);
            x = V.Create(*a3);
            p3 = V.MultiplyAdd(x, left, p3);
            q3 = V.MultiplyAdd(x, right, q3);
            x = V.Create(a3[row]);
            p4 = V.MultiplyAdd(x, left, p4);
            q4 = V.MultiplyAdd(x, right, q4);
            x = V.Create(a3[twoRows]);
            p5 = V.MultiplyAdd(x, left, p5);
            q5 = V.MultiplyAdd(x, right, q5);
            x = V.Create(*a6);
            p6 = V.MultiplyAdd(x, left, p6);
            q6 = V.MultiplyAdd(x, right, q6);
            x = V.Create(a6[row]);
            p7 = V.MultiplyAdd(x, left, p7);
            q7 = V.MultiplyAdd(x, right, q7);
            a0 += step;
            a3 += step;
            a6 += step;
            b += stride;
        }

        V.Store(p0, c);
        V.Store(q0, c + V.Count);
        c += tile.Pitch;
        V.Store(p1, c);
        V.Store(q1, c + V.Count);
        c += tile.Pitch;
        V.Store(p2, c);
        V.Store(q2, c + V.Count);
        c += tile.Pitch;
        V.Store(p3, c);
        V.Store(q3, c + V.Count);
        c += tile.Pitch;
        V.Store(p4, c);
        V.Store(q4, c + V.Count);
        c += tile.Pitch;
        V.Store(p5, c);
        V.Store(q5, c + V.Count);
        c += tile.Pitch;
        V.Store(p6, c);
        V.Store(q6, c + V.Count);
        c += tile.Pitch;
        V.Store(p7, c);
        V.Store(q7, c + V.Count);
    }

    /// <summary>6 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6(in Tile tile)
    {
        float* a0 = tile.A, b = tile.B, c = tile.C, start = tile.Start;
        nint row = tile.RowStride, step = tile.StepStride, stride = tile.PanelStride;
        V p0, q0, p1, q1, p2, q2, p3, q3, p4, q4, p5, q5;
        if (start is null)
        {
            p0 = q0 = p1 = q1 = p2 = q2 = p3 = q3 = p4 = q4 = p5 = q5 = default;
        }
        else
        {
            p0 = V.Load(start);
            q0 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p1 = V.Load(start);
            q1 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p2 = V.Load(start);
            q2 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p3 = V.Load(start);
            q3 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p4 = V.Load(start);
            q4 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p5 = V.Load(start);
            q5 = V.Load(start + V.Count);
        }

        var a3 = a0 + (3 * row);
        var twoRows = 2 * row;
        for (var k = tile.Depth; k > 0; k--)
        {
            V left = V.Load(b), right = V.Load(b + V.Count);
            var x = V.Create(*a0);
            p0 = V.MultiplyAdd(x, left, p0);
            q0 = V.MultiplyAdd(x, right, q0);
            x = V.Create(a0[row]);
            p1 = V.MultiplyAdd(x, left, p1);
            q1 = V.MultiplyAdd(x, right, q1);
            x = V.Create(a0[twoRows]);
            p2 = V.MultiplyAdd(x, left, p2);
            q2 = V.MultiplyAdd(x, right, q2);
            x = V.Create(*a3);
            p3 = V.MultiplyAdd(x, left, p3);
            q3 = V.MultiplyAdd(x, right, q3);
            x = V.Create(a3[row]);
            p4 = V.MultiplyAdd(x, left, p4);
            q4 = V.MultiplyAdd(x, right, q4);
            x = V.Create(a3[twoRows]);
            p5 = V.MultiplyAdd(x, left, p5);
            q5 = V.MultiplyAdd(x, right, q5);
            a0 += step;
            a3 += step;
            b += stride;
        }

        V.Store(p0, c);
        V.Store(q0, c + V.Count);
        c += tile.Pitch;
        V.Store(p1, c);
        V.Store(q1, c + V.Count);
        c += tile.Pitch;
        V.Store(p2, c);
        V.Store(q2, c + V.Count);
        c += tile.Pitch;
        V.Store(p3, c);
        V.Store(q3, c + V.Count);
        c += tile.Pitch;
        V.Store(p4, c);
        V.Store(q4, c + V.Count);
        c += tile.Pitch;
        V.Store(p5, c);
        V.Store(q5, c + V.Count);
    }

    /// <summary>4 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4(in Tile tile)
    {
        float* a0 = tile.A, b = tile.B, c = tile.C, start = tile.Start;
        nint row = tile.RowStride, step = tile.StepStride, stride = tile.PanelStride;
        V p0, q0, p1, q1, p2, q2, p3, q3;
        if (start is null)
        {
            p0 = q0 = p1 = q1 = p2 = q2 = p3 = q3 = default;
        }
        else
        {
            p0 = V.Load(start);
            q0 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p1 = V.Load(start);
            q1 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p2 = V.Load(start);
            q2 = V.Load(start + V.Count);
            start += tile.StartPitch;
            p3 = V.Load(start);
            q3 = V.Load(start + V.Count);
        }

        var a3 = a0 + (3 * row);
        var twoRows = 2 * row;
        for (var k = tile.Depth; k > 0; k--)
        {
            V left = V.Load(b), right = V.Load(b + V.Count);
            var x = V.Create(*a0);
            p0 = V.MultiplyAdd(x, left, p0);
            q0 = V.MultiplyAdd(x, right, q0);
            x = V.Create(a0[row]);
            p1 = V.MultiplyAdd(x, left, p1);
            q1 = V.MultiplyAdd(x, right, q1);
            x = V.Create(a0[twoRows]);
            p2 = V.MultiplyAdd(x, left, p2);
            q2 = V.MultiplyAdd(x, right, q2);
            x = V.Create(*a3);
            p3 = V.MultiplyAdd(x, left, p3);
            q3 = V.MultiplyAdd(x, right, q3);
            a0 += step;
            a3 += step;
            b += stride;
        }

        V.Store(p0, c);
        V.Store(q0, c + V.Count);
        c += tile.Pitch;
        V.Store(p1, c);
        V.Store(q1, c + V.Count);
        c += tile.Pitch;
        V.Store(p2, c);
        V.Store(q2, c + V.Count);
        c += tile.Pitch;
        V.Store(p3, c);
        V.Store(q3, c + V.Count);
    }

    /// <summary>1 row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1(in Tile tile)
    {
        float* a0 = tile.A, b = tile.B, c = tile.C, start = tile.Start;
        nint step = tile.StepStride, stride = tile.PanelStride;
        V p0, q0;
        if (start is null)
        {
            p0 = q0 = default;
        }
        else
        {
            p0 = V.Load(start);
            q0 = V.Load(start + V.Count);
        }

        for (var k = tile.Depth; k > 0; k--)
        {
            V left = V.Load(b), right = V.Load(b + V.Count);
            var x = V.Create(*a0);
            p0 = V.MultiplyAdd(x, left, p0);
            q0 = V.MultiplyAdd(x, right, q0);
            a0 += step;
            b += stride;
        }

        V.Store(p0, c);
        V.Store(q0, c + V.Count);
    }
}
