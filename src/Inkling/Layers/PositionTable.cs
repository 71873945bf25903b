using Inkling.Kernels;

namespace Inkling.Layers;

/// <summary>A table of positions that is computed and not learned, one row for each; made on first use, in double.</summary>
public sealed class PositionTable : IDisposable
{
    private readonly IKernels _kernels;
    private readonly int _positionCount;
    private readonly double[] _frequencies;
    private readonly Func<double, int, double> _element;
    private DeviceBuffer? _buffer;

    private PositionTable(IKernels kernels, int positionCount, double[] frequencies, Func<double, int, double> element)
        => (_kernels, _positionCount, _frequencies, _element) = (kernels, positionCount, frequencies, element);

    /// <summary>(positions, width).</summary>
    public MatrixView View
    {
        get
        {
            var width = _frequencies.Length;
            if (_buffer is null)
            {
                _buffer = _kernels.Allocate(_kernels.Real, checked((long)_positionCount * width));
                Fill(new MatrixView(_buffer, 0, _positionCount, width, width));
            }

            return new MatrixView(_buffer, 0, _positionCount, width, width);
        }
    }

    /// <summary>
    /// Column 2i has sin(p / 10000^(2i/C)) and column 2i + 1 the cosine, p the position ("Attention Is All You Need", section 3.5).
    /// </summary>
    public static PositionTable Sinusoidal(IKernels kernels, int contextLength, int width)
        => new(
            kernels, contextLength, Frequencies(width, column => column / 2 * 2, 10_000),
            (angle, column) => column % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));

    /// <summary>
    /// What <see cref="IKernels.Rotate"/> asks for: column i &lt; D/2 has cos(p·base^(−2i/D)) and column D/2 + i the sine (Su et al.,
    /// "RoFormer", 2021, section 3.2; the halves side by side as in Llama).
    /// </summary>
    public static PositionTable Rotary(IKernels kernels, int contextLength, int headSize, double frequencyBase)
        => new(
            kernels, contextLength, Frequencies(headSize, column => column % (headSize / 2) * 2, frequencyBase),
            (angle, column) => column < headSize / 2 ? Math.Cos(angle) : Math.Sin(angle));

    /// <inheritdoc/>
    public void Dispose() => _buffer?.Dispose();

    private static double[] Frequencies(int width, Func<int, int> exponent, double frequencyBase)
        => [.. Enumerable.Range(0, width).Select(column => Math.Pow(frequencyBase, -exponent(column) / (double)width))];

    private void Fill(MatrixView table)
    {
        var row = new double[table.Columns];
        for (var position = 0; position < table.Rows; position++)
        {
            for (var column = 0; column < row.Length; column++)
            {
                row[column] = _element(position * _frequencies[column], column);
            }

            if (_kernels.Real == DType.Float64)
            {
                _kernels.Write<double>(table.SliceRows(position, 1), row);
            }
            else
            {
                _kernels.Write<float>(table.SliceRows(position, 1), Array.ConvertAll(row, value => (float)value));
            }
        }
    }
}
