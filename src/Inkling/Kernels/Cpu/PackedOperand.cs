namespace Inkling.Kernels.Cpu;

/// <summary>How a packed weight stands to the weight.</summary>
internal enum PackedState
{
    /// <summary>The weight has changed since.</summary>
    Changed,

    /// <summary>It has changed, and was used once without keeping what was packed.</summary>
    Streamed,

    /// <summary>The panels have its present values.</summary>
    Packed,
}

/// <summary>A weight packed for one direction of a product, remade when the weight has changed.</summary>
internal sealed class PackedOperand(int depth, int columns) : IDisposable
{
    /// <summary>Terms of each sum.</summary>
    public int Depth { get; } = depth;

    /// <summary>Columns of the product.</summary>
    public int Columns { get; } = columns;

    /// <summary>The panels; null until first used.</summary>
    public DeviceBuffer? Panels { get; set; }

    /// <summary>What the panels hold.</summary>
    public PackedState State { get; set; }

    public void Dispose() => Panels?.Dispose();
}

/// <summary>A weight with its packed forms for y = x·W and dx = dy·Wᵀ, each made on first use.</summary>
internal sealed class CpuPreparedWeight : PreparedWeight
{
    public CpuPreparedWeight(MatrixView source, WeightLayout layout, Precision precision)
        : base(source, layout, precision)
    {
        Forward = new PackedOperand(InputCount, OutputCount);
        Backward = new PackedOperand(OutputCount, InputCount);
    }

    public PackedOperand Forward { get; }

    public PackedOperand Backward { get; }

    /// <summary>Notes that the weight has changed.</summary>
    public void Invalidate() => Forward.State = Backward.State = PackedState.Changed;

    protected override void Dispose(bool disposing)
    {
        Forward.Dispose();
        Backward.Dispose();
    }
}
