using System.Diagnostics;
using Inkling.Kernels;

namespace Inkling.Cli;

/// <summary>Kernels that note how long each kind of operation takes; what they compute is what the inner ones do, which must not return early.</summary>
internal sealed class TimedKernels(IKernels inner) : IKernels
{
    private readonly Dictionary<string, OperationTime> _times = [];

    /// <summary>What was called since the last <see cref="Reset"/>.</summary>
    public IEnumerable<OperationTime> Times => _times.Values;

    public string Description => inner.Description;

    public DType Real => inner.Real;

    public Precision FastestPrecision => inner.FastestPrecision;

    public long AllocatedBytes => inner.AllocatedBytes;

    /// <summary>Forgets what was noted.</summary>
    public void Reset() => _times.Clear();

    public DeviceBuffer Allocate(DType type, long count) => inner.Allocate(type, count);

    public PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision) => inner.Prepare(weight, layout, precision);

    public void Invalidate(PreparedWeight weight) => inner.Invalidate(weight);

    public void Read<T>(MatrixView source, Span<T> destination)
        where T : unmanaged
        => inner.Read(source, destination);

    public void Write<T>(MatrixView destination, ReadOnlySpan<T> source)
        where T : unmanaged
        => inner.Write(destination, source);

    public void Fill(MatrixView destination, double value)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Fill(destination, value);
        Note("fill", start);
    }

    public void FillNormal(MatrixView destination, double standardDeviation, RandomKey key) => inner.FillNormal(destination, standardDeviation, key);

    public void Copy(MatrixView source, MatrixView destination)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Copy(source, destination);
        Note("copy", start);
    }

    public void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Embed(indices, table, y, accumulate);
        Note("embedding", start);
    }

    public void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable, bool accumulate)
    {
        var start = Stopwatch.GetTimestamp();
        inner.EmbedBackward(indices, dy, dTable, accumulate);
        Note("embedding, gradient", start);
    }

    public void Linear(in LinearArguments arguments)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Linear(in arguments);
        Note("linear", start, Product(arguments.X.Rows, arguments.Weight));
    }

    public void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
    {
        var start = Stopwatch.GetTimestamp();
        inner.LinearBackwardInput(dy, weight, dx, accumulate);
        Note("linear, gradient of input", start, Product(dy.Rows, weight));
    }

    public void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate)
    {
        var start = Stopwatch.GetTimestamp();
        inner.LinearBackwardWeight(x, dy, dWeight, layout, precision, accumulate);
        Note("linear, gradient of weight", start, 2.0 * x.Rows * x.Columns * dy.Columns);
    }

    public void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate)
    {
        var start = Stopwatch.GetTimestamp();
        inner.LinearBackwardBias(dy, dBias, accumulate);
        Note("linear, gradient of bias", start);
    }

    public void Activate(Activation activation, MatrixView x, MatrixView y)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Activate(activation, x, y);
        Note("activation", start);
    }

    public void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx)
    {
        var start = Stopwatch.GetTimestamp();
        inner.ActivateBackward(activation, x, dy, dx);
        Note("activation, gradient", start);
    }

    public void Gate(Activation activation, MatrixView gate, MatrixView up, MatrixView y)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Gate(activation, gate, up, y);
        Note("gate", start);
    }

    public void GateBackward(Activation activation, MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp)
    {
        var start = Stopwatch.GetTimestamp();
        inner.GateBackward(activation, gate, up, dy, dGate, dUp);
        Note("gate, gradient", start);
    }

    public void Add(MatrixView a, MatrixView b, MatrixView y)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Add(a, b, y);
        Note("add", start);
    }

    public void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y)
    {
        var start = Stopwatch.GetTimestamp();
        inner.ApplyDropout(x, dropout, y);
        Note("dropout", start);
    }

    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
    {
        var start = Stopwatch.GetTimestamp();
        inner.LayerNorm(x, gain, bias, epsilon, y, statistics);
        Note("norm", start);
    }

    public void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
    {
        var start = Stopwatch.GetTimestamp();
        inner.LayerNormBackward(x, gain, statistics, dy, dx, accumulateInput, dGain, dBias, accumulateParameters);
        Note("norm, gradient", start);
    }

    public void RmsNorm(MatrixView x, MatrixView gain, double epsilon, MatrixView y, MatrixView statistics)
    {
        var start = Stopwatch.GetTimestamp();
        inner.RmsNorm(x, gain, epsilon, y, statistics);
        Note("norm", start);
    }

    public void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters)
    {
        var start = Stopwatch.GetTimestamp();
        inner.RmsNormBackward(x, gain, statistics, dy, dx, accumulateInput, dGain, accumulateParameters);
        Note("norm, gradient", start);
    }

    public void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, Rotation rotation, MatrixView y)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Rotate(x, positions, table, headSize, rotation, y);
        Note("rotary positions", start);
    }

    public void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Attention(in shape, q, k, v, dropout, y, logSumExp);
        Note("attention", start, Products(shape, 2));
    }

    public void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        var start = Stopwatch.GetTimestamp();
        inner.AttentionBackward(shape, q, k, v, dropout, y, logSumExp, dy, dq, dk, dv);
        Note("attention, gradient", start, Products(shape, 5));
    }

    public void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
    {
        var start = Stopwatch.GetTimestamp();
        inner.CrossEntropy(logits, targets, weights, losses, dLogits);
        Note("cross entropy", start);
    }

    public void Sum(MatrixView x, MatrixView result, bool accumulate)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Sum(x, result, accumulate);
        Note("sum", start);
    }

    public void SumSquares(MatrixView x, MatrixView result, bool accumulate)
    {
        var start = Stopwatch.GetTimestamp();
        inner.SumSquares(x, result, accumulate);
        Note("gradient norm", start);
    }

    public void Guard(MatrixView control, double clipNorm, double largestLoss)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Guard(control, clipNorm, largestLoss);
        Note("guard", start);
    }

    public void Adam(in AdamSettings settings, MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control)
    {
        var start = Stopwatch.GetTimestamp();
        inner.Adam(in settings, values, gradients, firstMoments, secondMoments, control);
        Note("optimizer", start);
    }

    public void Dispose() => inner.Dispose();

    private static double Product(int rows, PreparedWeight weight) => 2.0 * rows * weight.InputCount * weight.OutputCount;

    /// <summary>Operations of some products of queries and keys, without those that the mask hides.</summary>
    private static double Products(in AttentionShape shape, int products)
    {
        var pairs = 0L;
        for (var query = 0; query < shape.QueryCount; query++)
        {
            pairs += shape.EndKey(query) - shape.FirstKey(query);
        }

        return 2.0 * products * pairs * shape.BatchSize * shape.HeadCount * shape.HeadSize;
    }

    private void Note(string name, long start, double flops = 0)
    {
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var before = _times.GetValueOrDefault(name) ?? new OperationTime(name, 0, 0, 0);
        _times[name] = before with { Calls = before.Calls + 1, Seconds = before.Seconds + seconds, Flops = before.Flops + flops };
    }
}

/// <summary>All calls of one kind of operation.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Calls">How often.</param>
/// <param name="Seconds">How long, together.</param>
/// <param name="Flops">Operations of its products; 0 for what is no product.</param>
internal sealed record OperationTime(string Name, long Calls, double Seconds, double Flops);
