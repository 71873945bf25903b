using Inkling.Kernels.Cpu.Emitted;

namespace Inkling.Kernels.Cpu;

/// <summary>
/// Kernels that compute nothing and own no memory: they count what <see cref="CpuKernels"/> would take for the same calls, operand by
/// operand, since only memory that is written to costs any. Whatever is read back is zero.
/// </summary>
internal abstract class CpuMemoryPlan : IKernels
{
    private long _allocated;
    private long _touched;
    private long _sharedFloats;
    private long _workerFloats;

    /// <inheritdoc/>
    public string Description => "CPU memory plan";

    /// <inheritdoc/>
    public DType Real => DType.Float32;

    /// <inheritdoc/>
    public required Precision FastestPrecision { get; init; }

    /// <summary>What the kernels would say they hold.</summary>
    public long AllocatedBytes => _allocated + WorkspaceBytes;

    /// <summary>Most bytes in use at a time so far: what was written to, up to its last element.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Bytes of the panels of prepared weights.</summary>
    public long PackedBytes { get; private set; }

    /// <summary>Bytes of the scratch memory that all operations share.</summary>
    public long WorkspaceBytes => sizeof(float) * (_sharedFloats + _workerFloats);

    /// <summary>A plan for the kernels that the options choose.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the instruction set asked for.</exception>
    public static CpuMemoryPlan Create(CpuOptions? options = null)
    {
        var (set, threadCount) = CpuKernels.Resolve(options);
        using var bfloat16 = Bfloat16Support.Find(set, options?.UsesMachineCode ?? true);
        var fastest = bfloat16.IsFaster ? Precision.Bfloat16 : Precision.Float32;
        return set switch
        {
            InstructionSet.Vector512 => new CpuMemoryPlan<Float512>(threadCount, bfloat16.Format) { FastestPrecision = fastest },
            InstructionSet.Vector256 => new CpuMemoryPlan<Float256>(threadCount, bfloat16.Format) { FastestPrecision = fastest },
            _ => new CpuMemoryPlan<Float128>(threadCount, bfloat16.Format) { FastestPrecision = fastest },
        };
    }

    public DeviceBuffer Allocate(DType type, long count)
    {
        KernelChecks.Allocate(Real, type, count);
        return new PlannedBuffer(this, type, count);
    }

    public PreparedWeight Prepare(MatrixView weight, WeightLayout layout, Precision precision) => new CpuPreparedWeight(weight, layout, precision);

    public void Invalidate(PreparedWeight weight) => ((CpuPreparedWeight)weight).Invalidate();

    public void Write<T>(MatrixView destination, ReadOnlySpan<T> source)
        where T : unmanaged
        => Touch(destination);

    public void Read<T>(MatrixView source, Span<T> destination)
        where T : unmanaged
        => destination.Clear();

    public void Fill(MatrixView destination, double value) => Touch(destination);

    public void FillNormal(MatrixView destination, double standardDeviation, RandomKey key) => Touch(destination);

    public void Copy(MatrixView source, MatrixView destination) => Touch(destination);

    public void Embed(MatrixView indices, MatrixView table, MatrixView y, bool accumulate) => Touch(y);

    public void EmbedBackward(MatrixView indices, MatrixView dy, MatrixView dTable, bool accumulate) => Touch(dTable);

    public virtual void Linear(in LinearArguments arguments)
    {
        Touch(arguments.Preactivation);
        Touch(arguments.Y);
    }

    public virtual void LinearBackwardInput(MatrixView dy, PreparedWeight weight, MatrixView dx, bool accumulate) => Touch(dx);

    public virtual void LinearBackwardWeight(MatrixView x, MatrixView dy, MatrixView dWeight, WeightLayout layout, Precision precision, bool accumulate) => Touch(dWeight);

    public virtual void LinearBackwardBias(MatrixView dy, MatrixView dBias, bool accumulate) => Touch(dBias);

    public void Activate(Activation activation, MatrixView x, MatrixView y) => Touch(y);

    public void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx) => Touch(dx);

    public void Gate(Activation activation, MatrixView gate, MatrixView up, MatrixView y) => Touch(y);

    public void GateBackward(Activation activation, MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp)
    {
        Touch(dGate);
        Touch(dUp);
    }

    public void Add(MatrixView a, MatrixView b, MatrixView y) => Touch(y);

    public void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y) => Touch(y);

    public void LayerNorm(MatrixView x, MatrixView gain, MatrixView bias, double epsilon, MatrixView y, MatrixView statistics)
    {
        Touch(y);
        Touch(statistics);
    }

    public virtual void LayerNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy,
        MatrixView dx, bool accumulateInput, MatrixView dGain, MatrixView dBias, bool accumulateParameters)
    {
        Touch(dx);
        Touch(dGain);
        Touch(dBias);
    }

    public void RmsNorm(MatrixView x, MatrixView gain, double epsilon, MatrixView y, MatrixView statistics)
    {
        Touch(y);
        Touch(statistics);
    }

    public virtual void RmsNormBackward(
        MatrixView x, MatrixView gain, MatrixView statistics, MatrixView dy, MatrixView dx, bool accumulateInput, MatrixView dGain, bool accumulateParameters)
    {
        Touch(dx);
        Touch(dGain);
    }

    public void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, Rotation rotation, MatrixView y) => Touch(y);

    public virtual void Attention(in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp)
    {
        Touch(y);
        Touch(logSumExp);
    }

    public virtual void AttentionBackward(
        in AttentionShape shape, MatrixView q, MatrixView k, MatrixView v, Dropout dropout, MatrixView y, MatrixView logSumExp,
        MatrixView dy, MatrixView dq, MatrixView dk, MatrixView dv)
    {
        Touch(dq);
        Touch(dk);
        Touch(dv);
    }

    public void CrossEntropy(MatrixView logits, MatrixView targets, MatrixView weights, MatrixView losses, MatrixView dLogits)
    {
        Touch(losses);
        Touch(dLogits);
    }

    public void Sum(MatrixView x, MatrixView result, bool accumulate) => Touch(result);

    public virtual void SumSquares(MatrixView x, MatrixView result, bool accumulate) => Touch(result);

    public void Guard(MatrixView control, double clipNorm, double largestLoss) => Touch(control);

    public void Adam(in AdamSettings settings, MatrixView values, MatrixView gradients, MatrixView firstMoments, MatrixView secondMoments, MatrixView control)
    {
        Touch(values);
        Touch(firstMoments);
        Touch(secondMoments);
    }

    public void Dispose()
    {
    }

    /// <summary>Counts panels of a weight, which stay, where the kernels would pack it now.</summary>
    protected void Pack(PackedOperand weight, long floats)
    {
        if (weight.Panels is null)
        {
            weight.Panels = Allocate(DType.Float32, floats);
            Touch(new MatrixView(weight.Panels, floats - 1, 1, 1, 1));
            PackedBytes += weight.Panels.ByteSize;
        }

        weight.State = PackedState.Packed;
    }

    /// <summary>Counts scratch memory: as much as the largest call needs.</summary>
    protected void UseScratch(long shared = 0, long workers = 0)
    {
        var before = WorkspaceBytes;
        (_sharedFloats, _workerFloats) = (Math.Max(shared, _sharedFloats), Math.Max(workers, _workerFloats));
        AddTouched(WorkspaceBytes - before);
    }

    private static void Touch(in MatrixView view)
    {
        if (!view.IsNone && view.Count > 0)
        {
            ((PlannedBuffer)view.Buffer).Touch(view.Offset + ((long)(view.Rows - 1) * view.Pitch) + view.Columns);
        }
    }

    private void AddTouched(long bytes)
    {
        _touched += bytes;
        PeakBytes = Math.Max(PeakBytes, _touched);
    }

    /// <summary>A buffer that knows how far it has been written to.</summary>
    private sealed class PlannedBuffer : DeviceBuffer
    {
        private readonly CpuMemoryPlan _plan;
        private long _touched;

        public PlannedBuffer(CpuMemoryPlan plan, DType type, long count)
            : base(type, count)
        {
            _plan = plan;
            _plan._allocated += ByteSize;
        }

        public void Touch(long count)
        {
            if (count > _touched)
            {
                _plan.AddTouched((count - _touched) * Type.ByteSize());
                _touched = count;
            }
        }

        protected override void Dispose(bool disposing)
        {
            _plan.AddTouched(-_touched * Type.ByteSize());
            _plan._allocated -= ByteSize;
        }
    }
}
