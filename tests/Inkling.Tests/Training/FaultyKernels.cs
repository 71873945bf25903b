using System.Runtime.CompilerServices;
using Inkling.Kernels;

namespace Inkling.Tests.Training;

/// <summary>Kernels whose next result may be damaged on request; everything else they do is what the inner ones do.</summary>
internal sealed class FaultyKernels(IKernels inner) : IKernels
{
    private string? _operation;
    private double _value;
    private int _callsBefore;

    public string Description => inner.Description;

    public DType Real => inner.Real;

    public Precision FastestPrecision => inner.FastestPrecision;

    public long AllocatedBytes => inner.AllocatedBytes;

    /// <summary>Whether a damage was asked for and has not been done.</summary>
    public bool IsArmed => _operation is not null;

    /// <summary>The first element that an operation computes will be another.</summary>
    /// <param name="operation">Name of the method.</param>
    /// <param name="value">What it will be.</param>
    /// <param name="callsBefore">How many calls to leave alone first.</param>
    public void Damage(string operation, double value, int callsBefore = 0) => (_operation, _value, _callsBefore) = (operation, value, callsBefore);

    public DeviceBuffer Allocate(DType type, long count) => inner.Allocate(type, count);

    public void Write<T>(MatrixView destination, ReadOnlySpan<T> source)
        where T : unmanaged => inner.Write(destination, source);

    public void Read<T>(MatrixView source, Span<T> destination)
        where T : unmanaged => inner.Read(source, destination);

    public void Fill(MatrixView destination, double value) => inner.Fill(destination, value);

    public void FillNormal(MatrixView destination, double standardDeviation, RandomKey key) => inner.FillNormal(destination, standardDeviation, key);

    public void Copy(MatrixView source, MatrixView destination) => inner.Copy(source, destination);

    public PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision) => inner.Prepare(weight, layout, precision);

    public void Invalidate(PreparedWeight weight) => inner.Invalidate(weight);

    public void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate)
        => Then(y, () => inner.Embed(indices, table, y, accumulate));

    public void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable, bool accumulate)
        => Then(dTable, () => inner.EmbedBackward(indices, dy, dTable, accumulate));

    public void Linear(in LinearArguments arguments)
    {
        var a = arguments;
        Then(a.Y, () => inner.Linear(a));
    }

    public void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
        => Then(dx, () => inner.LinearBackwardInput(dy, weight, dx, accumulate));

    public void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate)
        => Then(dWeight, () => inner.LinearBackwardWeight(x, dy, dWeight, layout, precision, accumulate));

    public void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate) => Then(dBias, () => inner.LinearBackwardBias(dy, dBias, accumulate));

    public void Activate(Activation activation, MatrixView x, MatrixView y) => Then(y, () => inner.Activate(activation, x, y));

    public void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx)
        => Then(dx, () => inner.ActivateBackward(activation, x, dy, dx));

    public void Gate(Activation activation, MatrixView gate, MatrixView up, MatrixView y) => Then(y, () => inner.Gate(activation, gate, up, y));

    public void GateBackward(Activation activation, MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp)
        => Then(dGate, () => inner.GateBackward(activation, gate, up, dy, dGate, dUp));

    public void Add(MatrixView a, MatrixView b, MatrixView y) => Then(y, () => inner.Add(a, b, y));

    public void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y) => Then(y, () => inner.ApplyDropout(x, dropout, y));

    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
        => Then(y, () => inner.LayerNorm(x, gain, bias, epsilon, y, statistics));

    public void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
        => Then(dGain, () => inner.LayerNormBackward(x, gain, statistics, dy, dx, accumulateInput, dGain, dBias, accumulateParameters));

    public void RmsNorm(MatrixView x, MatrixView gain, double epsilon, MatrixView y, MatrixView statistics)
        => Then(y, () => inner.RmsNorm(x, gain, epsilon, y, statistics));

    public void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters)
        => Then(dGain, () => inner.RmsNormBackward(x, gain, statistics, dy, dx, accumulateInput, dGain, accumulateParameters));

    public void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, Rotation rotation, MatrixView y)
        => Then(y, () => inner.Rotate(x, positions, table, headSize, rotation, y));

    public void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        var s = shape;
        Then(y, () => inner.Attention(s, q, k, v, dropout, y, logSumExp));
    }

    public void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        var s = shape;
        Then(dq, () => inner.AttentionBackward(s, q, k, v, dropout, y, logSumExp, dy, dq, dk, dv));
    }

    public void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
        => Then(losses, () => inner.CrossEntropy(logits, targets, weights, losses, dLogits));

    public void Sum(MatrixView x, MatrixView result, bool accumulate) => Then(result, () => inner.Sum(x, result, accumulate));

    public void SumSquares(MatrixView x, MatrixView result, bool accumulate) => Then(result, () => inner.SumSquares(x, result, accumulate));

    public void Guard(MatrixView control, double clipNorm, double largestLoss) => inner.Guard(control, clipNorm, largestLoss);

    public void Adam(
        in AdamSettings settings, MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control)
        => inner.Adam(settings, values, gradients, firstMoments, secondMoments, control);

    public void Dispose()
    {
    }

    private void Then(MatrixView result, Action compute, [CallerMemberName] string operation = "")
    {
        compute();
        if (operation == _operation && _callsBefore-- == 0)
        {
            inner.Fill(result.SliceRows(0, 1).SliceColumns(0, 1), _value);
            _operation = null;
        }
    }
}
