namespace Inkling.Kernels.Cpu;

/// <summary>A weight packed for one direction of a product, remade when the weight has changed.</summary>
internal sealed class PackedOperand(int depth, int columns) : IDisposable
{
    /// <summary>Terms of each sum.</summary>
    public int Depth { get; } = depth;

    /// <summary>Columns of the product.</summary>
    public int Columns { get; } = columns;

    /// <summary>The panels; null until first used.</summary>
    public CpuBuffer? Panels { get; set; }

    /// <summary>Whether the panels hold the weight's present values.</summary>
    public bool IsCurrent { get; set; }

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

    protected override void Dispose(bool disposing)
    {
        Forward.Dispose();
        Backward.Dispose();
    }
}
