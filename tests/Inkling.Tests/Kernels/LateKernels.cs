using Inkling.Kernels;

namespace Inkling.Tests.Kernels;

/// <summary>
/// A device that is as far from the caller as a device can be: its memory cannot be reached, and nothing at all happens before somebody reads;
/// then another thread runs what was queued. What works on it makes no assumption that only the CPU fulfils.
/// </summary>
internal sealed class LateKernels(IKernels inner) : IKernels
{
    private readonly Queue<Action> _queue = new();

    public string Description => "late " + inner.Description;

    public DType Real => inner.Real;

    public Precision FastestPrecision => inner.FastestPrecision;

    public long AllocatedBytes => inner.AllocatedBytes;

    /// <summary>How often somebody waited.</summary>
    public int ReadCount { get; private set; }

    public DeviceBuffer Allocate(DType type, long count)
    {
        var buffer = new LateBuffer(this, type, count);
        Queue(() => buffer.Private = inner.Allocate(type, count));
        return buffer;
    }

    public void Write<T>(MatrixView destination, ReadOnlySpan<T> source)
        where T : unmanaged
    {
        var copy = source.ToArray();
        Queue(() => inner.Write<T>(Private(destination), copy));
    }

    public void Read<T>(MatrixView source, Span<T> destination)
        where T : unmanaged
    {
        ReadCount++;
        var copy = new T[destination.Length];
        Queue(() => inner.Read<T>(Private(source), copy));
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                while (_queue.TryDequeue(out var action))
                {
                    action();
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }

        copy.CopyTo(destination);
    }

    public void Fill(MatrixView destination, double value) => Queue(() => inner.Fill(Private(destination), value));

    public void FillNormal(MatrixView destination, double standardDeviation, RandomKey key)
        => Queue(() => inner.FillNormal(Private(destination), standardDeviation, key));

    public void Copy(MatrixView source, MatrixView destination) => Queue(() => inner.Copy(Private(source), Private(destination)));

    public PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision)
    {
        var prepared = new LateWeight(this, weight, layout, precision);
        Queue(() => prepared.Private = inner.Prepare(Private(weight), layout, precision));
        return prepared;
    }

    public void Invalidate(PreparedWeight weight) => Queue(() => inner.Invalidate(Private(weight)));

    public void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate)
        => Queue(() => inner.Embed(Private(indices), Private(table), Private(y), accumulate));

    public void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable, bool accumulate)
        => Queue(() => inner.EmbedBackward(Private(indices), Private(dy), Private(dTable), accumulate));

    public void Linear(in LinearArguments arguments)
    {
        var a = arguments;
        Queue(() => inner.Linear(a with
        {
            X = Private(a.X),
            Weight = Private(a.Weight),
            Bias = Private(a.Bias),
            Preactivation = Private(a.Preactivation),
            Residual = Private(a.Residual),
            Y = Private(a.Y),
        }));
    }

    public void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
        => Queue(() => inner.LinearBackwardInput(Private(dy), Private(weight), Private(dx), accumulate));

    public void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate)
        => Queue(() => inner.LinearBackwardWeight(Private(x), Private(dy), Private(dWeight), layout, precision, accumulate));

    public void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate)
        => Queue(() => inner.LinearBackwardBias(Private(dy), Private(dBias), accumulate));

    public void Activate(Activation activation, MatrixView x, MatrixView y) => Queue(() => inner.Activate(activation, Private(x), Private(y)));

    public void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx)
        => Queue(() => inner.ActivateBackward(activation, Private(x), Private(dy), Private(dx)));

    public void Gate(Activation activation, MatrixView gate, MatrixView up, MatrixView y)
        => Queue(() => inner.Gate(activation, Private(gate), Private(up), Private(y)));

    public void GateBackward(Activation activation, MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp)
        => Queue(() => inner.GateBackward(activation, Private(gate), Private(up), Private(dy), Private(dGate), Private(dUp)));

    public void Add(MatrixView a, MatrixView b, MatrixView y) => Queue(() => inner.Add(Private(a), Private(b), Private(y)));

    public void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y) => Queue(() => inner.ApplyDropout(Private(x), dropout, Private(y)));

    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
        => Queue(() => inner.LayerNorm(Private(x), Private(gain), Private(bias), epsilon, Private(y), Private(statistics)));

    public void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
        => Queue(() => inner.LayerNormBackward(
            Private(x), Private(gain), Private(statistics), Private(dy), Private(dx), accumulateInput, Private(dGain), Private(dBias), accumulateParameters));

    public void RmsNorm(MatrixView x, MatrixView gain, double epsilon, MatrixView y, MatrixView statistics)
        => Queue(() => inner.RmsNorm(Private(x), Private(gain), epsilon, Private(y), Private(statistics)));

    public void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters)
        => Queue(() => inner.RmsNormBackward(
            Private(x), Private(gain), Private(statistics), Private(dy), Private(dx), accumulateInput, Private(dGain), accumulateParameters));

    public void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, Rotation rotation, MatrixView y)
        => Queue(() => inner.Rotate(Private(x), Private(positions), Private(table), headSize, rotation, Private(y)));

    public void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        var s = shape;
        Queue(() => inner.Attention(s, Private(q), Private(k), Private(v), dropout, Private(y), Private(logSumExp)));
    }

    public void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        var s = shape;
        Queue(() => inner.AttentionBackward(
            s, Private(q), Private(k), Private(v), dropout, Private(y), Private(logSumExp), Private(dy), Private(dq), Private(dk), Private(dv)));
    }

    public void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
        => Queue(() => inner.CrossEntropy(Private(logits), Private(targets), Private(weights), Private(losses), Private(dLogits)));

    public void Sum(MatrixView x, MatrixView result, bool accumulate) => Queue(() => inner.Sum(Private(x), Private(result), accumulate));

    public void SumSquares(MatrixView x, MatrixView result, bool accumulate)
        => Queue(() => inner.SumSquares(Private(x), Private(result), accumulate));

    public void Guard(MatrixView control, double clipNorm, double largestLoss)
        => Queue(() => inner.Guard(Private(control), clipNorm, largestLoss));

    public void Adam(
        in AdamSettings settings, MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control)
    {
        var s = settings;
        Queue(() => inner.Adam(s, Private(values), Private(gradients), Private(firstMoments), Private(secondMoments), Private(control)));
    }

    public void Dispose()
    {
    }

    private void Queue(Action action) => _queue.Enqueue(action);

    private static MatrixView Private(MatrixView view) => view.IsNone ? view : view with { Buffer = ((LateBuffer)view.Buffer).Private! };

    private static PreparedWeight Private(PreparedWeight weight) => ((LateWeight)weight).Private!;

    private sealed class LateBuffer(LateKernels owner, DType type, long count) : DeviceBuffer(type, count)
    {
        public DeviceBuffer? Private { get; set; }

        protected override void Dispose(bool disposing) => owner.Queue(() => Private!.Dispose());
    }

    private sealed class LateWeight(LateKernels owner, MatrixView source, WeightLayout layout, Precision precision)
        : PreparedWeight(source, layout, precision)
    {
        public PreparedWeight? Private { get; set; }

        protected override void Dispose(bool disposing) => owner.Queue(() => Private!.Dispose());
    }
}
