namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>Memory at base + index·scale + displacement, in bytes; a scale is 1, 2, 4 or 8.</summary>
internal readonly record struct Address(Register Base, Register? Index = null, int Scale = 1, int Displacement = 0)
{
    /// <summary>Number of the index register; 0 where there is none.</summary>
    public int IndexNumber => (int)(Index ?? 0);
}
