using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>A named matrix or vector that training changes: a segment of a <see cref="ParameterStore"/>.</summary>
public sealed class Parameter
{
    private PreparedWeight? _prepared;

    internal Parameter(ParameterStore store, int index, ParameterDescription description, long offset)
    {
        Store = store;
        Index = index;
        Description = description;
        Offset = offset;
    }

    /// <summary>Where the values live.</summary>
    public ParameterStore Store { get; }

    /// <summary>Number in the store's order.</summary>
    public int Index { get; }

    /// <summary>Name, shape and treatment.</summary>
    public ParameterDescription Description { get; }

    /// <summary>Name in files, such as <c>h.0.attn.c_attn.weight</c>.</summary>
    public string Name => Description.Name;

    /// <summary>First element in the flat buffers of the store.</summary>
    public long Offset { get; }

    /// <summary>Number of elements.</summary>
    public long Count => (long)Description.Rows * Description.Columns;

    /// <summary>The values, (rows, columns).</summary>
    public MatrixView Value => In(Store.Values);

    /// <summary>The matrix as products want it; made on first use.</summary>
    public PreparedWeight Prepared => _prepared ??= Store.Kernels.Prepare(Value, Description.Layout, Store.Precision);

    /// <summary>This parameter's segment in a buffer that mirrors the store: gradients, moments.</summary>
    public MatrixView In(DeviceBuffer buffer) => new(buffer, Offset, Description.Rows, Description.Columns, Description.Columns);

    internal void Invalidate()
    {
        if (_prepared is not null)
        {
            Store.Kernels.Invalidate(_prepared);
        }
    }

    internal void Release()
    {
        _prepared?.Dispose();
        _prepared = null;
    }
}
