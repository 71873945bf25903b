namespace Inkling.Kernels.Reference;

/// <summary>The elements of a view, by row and column.</summary>
internal readonly struct ReferenceMatrix<T>
    where T : unmanaged
{
    private readonly T[] _elements;
    private readonly long _offset;
    private readonly int _rowStride;
    private readonly int _columnStride;

    public ReferenceMatrix(MatrixView view)
        : this(ElementsOf(view), view.Offset, (view.Rows, view.Columns), (view.Pitch, 1))
    {
    }

    private ReferenceMatrix(T[] elements, long offset, (int Rows, int Columns) size, (int Row, int Column) stride)
    {
        (_elements, _offset) = (elements, offset);
        (Rows, Columns) = size;
        (_rowStride, _columnStride) = stride;
    }

    public int Rows { get; }

    public int Columns { get; }

    public ReferenceMatrix<T> Transposed => new(_elements, _offset, (Columns, Rows), (_columnStride, _rowStride));

    public ref T this[int row, int column] => ref _elements[_offset + ((long)row * _rowStride) + ((long)column * _columnStride)];

    public void Fill(T value)
    {
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < Columns; j++)
                this[i, j] = value;
        }
    }

    private static T[] ElementsOf(MatrixView view) => view.Buffer is ReferenceBuffer<T> buffer
        ? buffer.Elements
        : throw new ArgumentException($"The reference kernels of {typeof(T).Name} have not allocated the buffer of {view}.");
}
