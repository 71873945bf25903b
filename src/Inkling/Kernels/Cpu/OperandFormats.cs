using System.Numerics;
using System.Runtime.CompilerServices;
using Inkling.Kernels.Cpu.Emitted;

namespace Inkling.Kernels.Cpu;

/// <summary>Floats as they are.</summary>
internal readonly unsafe struct Float32Operands<V> : IOperandFormat<V>
    where V : unmanaged, ISimd<V>
{
    public static int TermsPerStep => 1;

    public static bool ReadsInPlace => true;

    public void PackRows(float* source, nint pitch, int rows, int terms, float* destination, nint destinationPitch)
        => new MatrixRows(source, pitch).CopyTo(new(destination, destinationPitch), rows, terms);

    public void PackColumns(float* source, nint pitch, int terms, int columns, float* destination, nint destinationPitch)
        => new MatrixRows(source, pitch).CopyTo(new(destination, destinationPitch), terms, columns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PackPanels(float* source, nint pitch, int terms, int panels, float* destination, nint panelSize)
    {
        for (var k = 0; k < terms; k++)
        {
            float* from = source, to = destination;
            for (var panel = 0; panel < panels; panel++)
            {
                V.Store(V.Load(from), to);
                V.Store(V.Load(from + V.Count), to + V.Count);
                from += 2 * V.Count;
                to += panelSize;
            }

            source += pitch;
            destination += 2 * V.Count;
        }
    }

    public void Multiply(in Tile tile, int rows, int columns) => Tiles<V>.Multiply(tile, rows, columns);
}

/// <summary>Pairs of bfloat16 for emitted code.</summary>
internal readonly unsafe struct PairedOperands<V>(Bfloat16Functions* code) : IOperandFormat<V>
    where V : unmanaged, ISimd<V>
{
    public static int TermsPerStep => 2;

    public static bool ReadsInPlace => false;

    public void PackRows(float* source, nint pitch, int rows, int terms, float* destination, nint destinationPitch)
        => code->RoundRows(source, pitch, rows, terms, destination, destinationPitch);

    public void PackColumns(float* source, nint pitch, int terms, int columns, float* destination, nint destinationPitch)
        => code->RoundPairs(source, pitch, terms, columns, destination, destinationPitch);

    public void PackPanels(float* source, nint pitch, int terms, int panels, float* destination, nint panelSize)
        => code->RoundPanels(source, pitch, terms, panels, destination, panelSize);

    public void Multiply(in Tile tile, int rows, int columns) => code->Multiply(tile, rows, columns);
}

/// <summary>
/// Values of bfloat16 in floats, for processors without its instructions: as slow as floats, with the bits of the emitted code. For that the
/// terms lie in the order in which the instruction adds them. (Inputs, products and sums below 1e-38, which it takes for zero, are kept here.)
/// </summary>
internal readonly unsafe struct RoundedOperands<V> : IOperandFormat<V>
    where V : unmanaged, ISimd<V>
{
    public static int TermsPerStep => 1;

    public static bool ReadsInPlace => false;

    public void PackRows(float* source, nint pitch, int rows, int terms, float* destination, nint destinationPitch)
    {
        for (var row = 0; row < rows; row++)
        {
            Round(source + (row * pitch), destination + (row * destinationPitch), terms);
            var pairs = (ulong*)(destination + (row * destinationPitch));
            for (var pair = 0; pair < terms / 2; pair++)
            {
                pairs[pair] = BitOperations.RotateLeft(pairs[pair], 32);
            }
        }
    }

    public void PackColumns(float* source, nint pitch, int terms, int columns, float* destination, nint destinationPitch)
    {
        for (var k = 0; k < terms; k += 2)
        {
            float* first = source + (k * pitch), to = destination + (k * destinationPitch);
            if (k == terms - 1)
            {
                Round(first, to, columns);
            }
            else
            {
                RoundSwapped(first, first + pitch, to, to + destinationPitch, columns);
            }
        }
    }

    public void PackPanels(float* source, nint pitch, int terms, int panels, float* destination, nint panelSize)
    {
        for (var panel = 0; panel < panels; panel++)
        {
            PackColumns(source + (panel * Tiles<V>.Width), pitch, terms, Tiles<V>.Width, destination + (panel * panelSize), Tiles<V>.Width);
        }
    }

    public void Multiply(in Tile tile, int rows, int columns) => Tiles<V>.Multiply(tile, rows, columns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(float* source, float* destination, int count)
    {
        var i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V.Store(V.RoundToBfloat16(V.Load(source + i)), destination + i);
        }

        if (i < count)
        {
            V.StorePart(V.RoundToBfloat16(V.LoadPart(source + i, count - i)), destination + i, count - i);
        }
    }

    /// <summary>The second row becomes the first; both are read before either is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RoundSwapped(float* first, float* second, float* toFirst, float* toSecond, int count)
    {
        var i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V a = V.Load(first + i), b = V.Load(second + i);
            V.Store(V.RoundToBfloat16(b), toFirst + i);
            V.Store(V.RoundToBfloat16(a), toSecond + i);
        }

        if (i < count)
        {
            V a = V.LoadPart(first + i, count - i), b = V.LoadPart(second + i, count - i);
            V.StorePart(V.RoundToBfloat16(b), toFirst + i, count - i);
            V.StorePart(V.RoundToBfloat16(a), toSecond + i, count - i);
        }
    }
}
