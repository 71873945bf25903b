namespace Inkling.Kernels.Cpu;

/// <summary>
/// How a product takes its operands. Along k they go in steps of 4 bytes, which hold one term or two. A product of any format is written
/// once: it packs by these methods and multiplies by tiles of W·2 columns.
/// </summary>
internal unsafe interface IOperandFormat<V>
    where V : unmanaged, ISimd<V>
{
    /// <summary>Terms of a sum in one step.</summary>
    static abstract int TermsPerStep { get; }

    /// <summary>Whether the left operand is a matrix of floats as it lies, which needs no packing.</summary>
    static abstract bool ReadsInPlace { get; }

    /// <summary>Packs rows whose elements are the terms: (rows, terms) → (rows, steps).</summary>
    void PackRows(float* source, nint pitch, int rows, int terms, float* destination, nint destinationPitch);

    /// <summary>Packs columns whose elements are the terms: (terms, columns) → (steps, columns). The destination may begin where the source does.</summary>
    void PackColumns(float* source, nint pitch, int terms, int columns, float* destination, nint destinationPitch);

    /// <summary>The same for some neighbouring panels of 2W columns each, which go to places of their own: (terms, 2W) → (steps, 2W).</summary>
    void PackPanels(float* source, nint pitch, int terms, int panels, float* destination, nint panelSize);

    /// <summary>c = start + a·b; see <see cref="Tiles{V}.Multiply"/>.</summary>
    void Multiply(in Tile tile, int rows, int columns);
}
