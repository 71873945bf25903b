using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <summary>Where the rows of a view lie; a null start stands for none.</summary>
internal readonly unsafe struct MatrixRows(float* start, nint pitch)
{
    public MatrixRows(in MatrixView view)
        : this(view.IsNone ? null : (float*)((CpuBuffer)view.Buffer).Pointer + view.Offset, view.Pitch)
    {
    }

    public float* Start { get; } = start;

    public nint Pitch { get; } = pitch;

    public bool IsNone => Start is null;

    public float* this[long row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Start + ((nint)row * Pitch);
    }

    /// <summary>Copies floats, also where the two places overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* destination, int count)
        => Buffer.MemoryCopy(source, destination, (long)count * sizeof(float), (long)count * sizeof(float));

    /// <summary>The rows from one on, from a column on.</summary>
    public MatrixRows From(nint row, int column) => new(Start + (row * Pitch) + column, Pitch);

    /// <summary>Copies the first columns of the first rows to another place.</summary>
    public void CopyTo(MatrixRows destination, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            Copy(this[row], destination[row], columns);
        }
    }
}

/// <summary>Where the rows of a view of integers lie.</summary>
internal readonly unsafe struct IndexRows(in MatrixView view)
{
    private readonly int* _start = (int*)((CpuBuffer)view.Buffer).Pointer + view.Offset;
    private readonly nint _pitch = view.Pitch;

    /// <summary>First number of a row.</summary>
    public int this[long row] => _start[(nint)row * _pitch];
}
