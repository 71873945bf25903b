namespace Inkling.Kernels.Cpu;

/// <summary>A plan for one vector width, which decides how weights are packed and what scratch memory an operation has.</summary>
internal sealed class CpuMemoryPlan<V>(int threadCount, OperandFormat bfloat16) : CpuMemoryPlan
    where V : unmanaged, ISimd<V>
{
    public override void Linear(in LinearArguments arguments)
    {
        base.Linear(arguments);
        Multiply(((CpuPreparedWeight)arguments.Weight).Forward, arguments.X, FormatOf(arguments.Weight.Precision));
    }

    public override void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
    {
        base.LinearBackwardInput(dy, weight, dx, accumulate);
        Multiply(((CpuPreparedWeight)weight).Backward, dy, FormatOf(weight.Precision));
    }

    public override void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate)
    {
        base.LinearBackwardWeight(x, dy, dWeight, layout, precision, accumulate);
        var (rows, columns) = layout == WeightLayout.InputByOutput ? (x, dy) : (dy, x);
        if (x.Rows > 0 && !CpuKernels<V>.IsReadInPlace(rows, columns, FormatOf(precision) == OperandFormat.Float32))
        {
            var cut = CpuKernels<V>.DivideGradient(rows.Columns, columns.Columns, Steps(rows.Rows, FormatOf(precision)), threadCount);
            UseScratch(CpuKernels<V>.GradientPanels(cut), CpuKernels<V>.GradientBlock(cut) * threadCount);
        }
    }

    public override void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate)
    {
        base.LinearBackwardBias(dy, dBias, accumulate);
        UseScratch(shared: CpuKernels<V>.BiasSums(dy.Rows, dy.Columns));
    }

    public override void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
    {
        base.LayerNormBackward(x, gain, statistics, dy, dx, accumulateInput, dGain, dBias, accumulateParameters);
        UseScratch(shared: CpuKernels<V>.NormSums(x.Rows, gain.Columns));
    }

    public override void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters)
    {
        base.RmsNormBackward(x, gain, statistics, dy, dx, accumulateInput, dGain, accumulateParameters);
        UseScratch(shared: CpuKernels<V>.NormSums(x.Rows, gain.Columns));
    }

    public override void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        base.Attention(shape, q, k, v, dropout, y, logSumExp);
        UseScratch(workers: CpuKernels<V>.AttentionScratch(shape) * threadCount);
    }

    public override void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        base.AttentionBackward(shape, q, k, v, dropout, y, logSumExp, dy, dq, dk, dv);
        UseScratch(workers: CpuKernels<V>.AttentionBackwardScratch(shape) * threadCount);
    }

    public override void SumSquares(MatrixView x, MatrixView result, bool accumulate)
    {
        base.SumSquares(x, result, accumulate);
        UseScratch(shared: CpuKernels<V>.SquareSums(x.Columns));
    }

    private static int Steps(int terms, OperandFormat format) => format == OperandFormat.Paired ? (terms + 1) / 2 : terms;

    private OperandFormat FormatOf(Precision precision) => precision == Precision.Float32 ? OperandFormat.Float32 : bfloat16;

    private void Multiply(PackedOperand weight, in MatrixView left, OperandFormat format)
    {
        var steps = Steps(weight.Depth, format);
        var isStreamed = CpuKernels<V>.IsWorthStreaming(weight, left.Rows);
        var cut = isStreamed
            ? CpuKernels<V>.DivideStreamed(left.Rows, weight.Columns, steps, threadCount)
            : CpuKernels<V>.Divide(left.Rows, weight.Columns, steps, threadCount);
        var (shared, own) = CpuKernels<V>.IsLeftPacked(cut, left.Pitch, format == OperandFormat.Float32) ? (CpuKernels<V>.SharedLeft(cut), CpuKernels<V>.OwnLeft(cut)) : (0, 0);
        UseScratch(shared, (own + (isStreamed ? CpuKernels<V>.StreamedPanelSize(cut) : 0)) * threadCount);
        if (isStreamed)
        {
            weight.State = PackedState.Streamed;
        }
        else
        {
            Pack(weight, Packing<V>.Size(steps, weight.Columns));
        }
    }
}
