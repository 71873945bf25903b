namespace Inkling.Cli.Screen;

/// <summary>The losses of a whole run in the memory of a page, for drawing at any width.</summary>
/// <param name="lastStep">Steps of the run.</param>
internal sealed class LossCurve(long lastStep)
{
    private const int BucketCount = 512;

    private readonly double[] _sums = new double[BucketCount];
    private readonly int[] _counts = new int[BucketCount];
    private long _step;

    /// <summary>Takes the loss of a step, counted from 1.</summary>
    public void Add(long step, double loss)
    {
        if (step >= 1 && step <= lastStep && double.IsFinite(loss))
        {
            var bucket = (int)((step - 1) * BucketCount / lastStep);
            _sums[bucket] += loss;
            _counts[bucket]++;
            _step = Math.Max(_step, step);
        }
    }

    /// <summary>Mean losses in columns of equal numbers of steps, as far as the run has come.</summary>
    /// <param name="width">Columns of the whole run.</param>
    public double[] Columns(int width)
    {
        var columns = new double[(int)((_step * width + lastStep - 1) / lastStep)];
        for (var column = 0; column < columns.Length; column++)
        {
            // At least one bucket each, however wide the terminal is.
            var from = (int)((long)column * BucketCount / width);
            var to = Math.Max(from + 1, (int)((column + 1L) * BucketCount / width));
            var count = _counts[from..to].Sum();
            columns[column] = count > 0 ? _sums[from..to].Sum() / count : column > 0 ? columns[column - 1] : double.NaN;
        }

        return columns;
    }
}
