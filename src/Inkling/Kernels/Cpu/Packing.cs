using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <summary>
/// Lays the right operand of a product out for <see cref="Tiles{V}"/>: panels of 2W columns, in each panel the 2W values of
/// k = 0, then those of k = 1, and so on; the last panel is padded with zeros.
/// </summary>
internal static unsafe class Packing<V>
    where V : unmanaged, ISimd<V>
{
    private static int Width => Tiles<V>.Width;

    public static int PanelCount(int columns) => ((columns - 1) / Width) + 1;

    /// <summary>Floats of a packed operand.</summary>
    public static long Size(int depth, int columns) => (long)PanelCount(columns) * Width * depth;

    /// <summary>Packs one panel of b where b(k, n) = source[k·pitch + n]; source begins at the panel's first column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* source, nint pitch, int depth, int columns, float* panel)
    {
        if (columns >= Width)
        {
            for (var k = 0; k < depth; k++)
            {
                V.Store(V.Load(source), panel);
                V.Store(V.Load(source + V.Count), panel + V.Count);
                source += pitch;
                panel += Width;
            }

            return;
        }

        for (var k = 0; k < depth; k++)
        {
            Unsafe.CopyBlockUnaligned(panel, source, (uint)columns * sizeof(float));
            new Span<float>(panel + columns, Width - columns).Clear();
            source += pitch;
            panel += Width;
        }
    }

    /// <summary>Packs one panel of b where b(k, n) = source[n·pitch + k]; source begins at the panel's first row.</summary>
    public static void PackTransposed(float* source, nint pitch, int depth, int columns, float* panel)
    {
        var width = Width;
        columns = Math.Min(columns, width);
        if (columns < width)
        {
            new Span<float>(panel, depth * width).Clear();
        }

        Transposition.Copy(source, pitch, panel, width, columns, depth);
    }
}
