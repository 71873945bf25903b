using Inkling.Kernels;

namespace Inkling.Layers;

/// <summary>A table of positions that is computed and not learned, one row for each. Computed in double.</summary>
public sealed class PositionTable : IDisposable
{
    private readonly DeviceBuffer _buffer;

    private PositionTable(IKernels kernels, int positionCount, int width, Func<int, int, double> element)
    {
        _buffer = kernels.Allocate(kernels.Real, checked((long)positionCount * width));
        View = new MatrixView(_buffer, 0, positionCount, width, width);
        for (var position = 0; position < positionCount; position++)
        {
            WriteRow(kernels, View.SliceRows(position, 1), [.. Enumerable.Range(0, width).Select(i => element(position, i))]);
        }
    }

    /// <summary>(positions, width).</summary>
    public MatrixView View { get; }

    /// <summary>
    /// Column 2i has sin(p / 10000^(2i/C)) and column 2i + 1 the cosine, p the position ("Attention Is All You Need", section 3.5).
    /// </summary>
    public static PositionTable Sinusoidal(IKernels kernels, int contextLength, int width)
        => new(kernels, contextLength, width, (position, column) =>
        {
            var angle = position * Math.Pow(10_000, -(column / 2 * 2) / (double)width);
            return column % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
        });

    /// <summary>
    /// What <see cref="IKernels.Rotate"/> asks for: column i &lt; D/2 has cos(p·base^(−2i/D)) and column D/2 + i the sine (Su et al.,
    /// "RoFormer", 2021, section 3.2; the halves side by side as in Llama).
    /// </summary>
    public static PositionTable Rotary(IKernels kernels, int contextLength, int headSize, double frequencyBase)
        => new(kernels, contextLength, headSize, (position, column) =>
        {
            var angle = position * Math.Pow(frequencyBase, -(column % (headSize / 2) * 2) / (double)headSize);
            return column < headSize / 2 ? Math.Cos(angle) : Math.Sin(angle);
        });

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private static void WriteRow(IKernels kernels, MatrixView row, double[] values)
    {
        if (kernels.Real == DType.Float64)
        {
            kernels.Write<double>(row, values);
        }
        else
        {
            kernels.Write<float>(row, Array.ConvertAll(values, value => (float)value));
        }
    }
}
