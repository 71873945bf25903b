namespace Inkling.Kernels.Cpu;

/// <summary>A plan for one vector width, which decides how weights are packed and what scratch memory an operation has.</summary>
internal sealed class CpuMemoryPlan<V>(int threadCount) : CpuMemoryPlan
    where V : unmanaged, ISimd<V>
{
    public override void Linear(in LinearArguments arguments)
    {
        base.Linear(arguments);
        Multiply(((CpuPreparedWeight)arguments.Weight).Forward, arguments.X.Rows);
    }

    public override void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate)
    {
        base.LinearBackwardInput(dy, weight, dx, accumulate);
        Multiply(((CpuPreparedWeight)weight).Backward, dy.Rows);
    }

    public override void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, bool accumulate)
    {
        base.LinearBackwardWeight(x, dy, dWeight, layout, accumulate);
        var (rows, columns) = layout == WeightLayout.InputByOutput ? (x, dy) : (dy, x);
        if (x.Rows > 0 && !CpuKernels<V>.IsReadInPlace(rows, columns))
        {
            var cut = CpuKernels<V>.Divide(rows.Columns, columns.Columns, rows.Rows, threadCount);
            UseScratch(CpuKernels<V>.GradientPanels(cut), CpuKernels<V>.GradientBlock * threadCount);
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

    private void Multiply(PackedOperand weight, int rows)
    {
        if (CpuKernels<V>.IsWorthStreaming(weight, rows))
        {
            weight.State = PackedState.Streamed;
            UseScratch(workers: CpuKernels<V>.StreamedPanelSize(CpuKernels<V>.DivideStreamed(weight, rows, threadCount)) * threadCount);
        }
        else
        {
            Pack(weight, Packing<V>.Size(weight.Depth, weight.Columns));
        }
    }
}
