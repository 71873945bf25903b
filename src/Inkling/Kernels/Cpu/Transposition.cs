using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Inkling.Kernels.Cpu;

/// <summary>Copies a matrix transposed, in blocks of 8 × 8 that fit the registers.</summary>
internal static unsafe class Transposition
{
    private const int Block = 8;

    /// <summary>destination[c·destinationPitch + r] = source[r·sourcePitch + c] for all r below rows and c below columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* source, nint sourcePitch, float* destination, nint destinationPitch, int rows, int columns)
    {
        var (wholeRows, wholeColumns) = Avx.IsSupported ? (rows - (rows % Block), columns - (columns % Block)) : (0, 0);
        for (var r = 0; r < wholeRows; r += Block)
        {
            for (var c = 0; c < wholeColumns; c += Block)
            {
                CopyBlock(source + (r * sourcePitch) + c, sourcePitch, destination + (c * destinationPitch) + r, destinationPitch);
            }
        }

        CopyEach(source, sourcePitch, destination, destinationPitch, 0, wholeRows, wholeColumns, columns);
        CopyEach(source, sourcePitch, destination, destinationPitch, wholeRows, rows, 0, columns);
    }

    private static void CopyEach(
        float* source, nint sourcePitch, float* destination, nint destinationPitch, int fromRow, int toRow, int fromColumn, int toColumn)
    {
        for (var r = fromRow; r < toRow; r++)
        {
            for (var c = fromColumn; c < toColumn; c++)
            {
                destination[(c * destinationPitch) + r] = source[(r * sourcePitch) + c];
            }
        }
    }

    /// <summary>Three rounds, in each of which neighbours at distance 1, 2 and 4 exchange halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyBlock(float* source, nint pitch, float* destination, nint destinationPitch)
    {
        var (a0, a1) = Interleave(Vector256.Load(source), Vector256.Load(source + pitch));
        var (a2, a3) = Interleave(Vector256.Load(source + (2 * pitch)), Vector256.Load(source + (3 * pitch)));
        source += 4 * pitch;
        var (a4, a5) = Interleave(Vector256.Load(source), Vector256.Load(source + pitch));
        var (a6, a7) = Interleave(Vector256.Load(source + (2 * pitch)), Vector256.Load(source + (3 * pitch)));

        var (b0, b1) = Pair(a0, a2);
        var (b2, b3) = Pair(a1, a3);
        var (b4, b5) = Pair(a4, a6);
        var (b6, b7) = Pair(a5, a7);

        StoreHalves(b0, b4, destination, destination + (4 * destinationPitch));
        destination += destinationPitch;
        StoreHalves(b1, b5, destination, destination + (4 * destinationPitch));
        destination += destinationPitch;
        StoreHalves(b2, b6, destination, destination + (4 * destinationPitch));
        destination += destinationPitch;
        StoreHalves(b3, b7, destination, destination + (4 * destinationPitch));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Low, Vector256<float> High) Interleave(Vector256<float> a, Vector256<float> b)
        => (Avx.UnpackLow(a, b), Avx.UnpackHigh(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Low, Vector256<float> High) Pair(Vector256<float> a, Vector256<float> b)
        => (Avx.Shuffle(a, b, 0b01_00_01_00), Avx.Shuffle(a, b, 0b11_10_11_10));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalves(Vector256<float> a, Vector256<float> b, float* low, float* high)
    {
        Avx.Permute2x128(a, b, 0x20).Store(low);
        Avx.Permute2x128(a, b, 0x31).Store(high);
    }
}
