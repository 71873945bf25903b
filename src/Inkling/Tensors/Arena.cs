using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>
/// Memory of one step: a stack that is released as a whole, or down to a mark. It grows while the first step runs,
/// becomes one piece before the second, and then stays as it is.
/// </summary>
public sealed class Arena(IKernels kernels) : IDisposable
{
    // 64 bytes for 4-byte elements: views begin on cache lines.
    private const int Alignment = 16;
    private const long SmallestBlock = 1 << 16;

    private readonly List<DeviceBuffer> _blocks = [];
    private int _block;
    private long _used;
    private long _height;
    private long _highest;

    /// <summary>Bytes held.</summary>
    public long AllocatedBytes => _blocks.Sum(block => block.ByteSize);

    /// <summary>A matrix of real numbers with arbitrary content, valid until it is released: by a mark from before it, or by <see cref="Reset"/>.</summary>
    public MatrixView Allocate(int rows, int columns)
    {
        var count = ((checked((long)rows * columns) + Alignment - 1) / Alignment) * Alignment;
        while (_block < _blocks.Count && _used + count > _blocks[_block].Count)
        {
            _block++;
            _used = 0;
        }

        if (_block == _blocks.Count)
        {
            // Doubling keeps the number of blocks of a first step small; what it allocates too much nobody touches.
            var held = _blocks.Sum(block => block.Count);
            _blocks.Add(kernels.Allocate(kernels.Real, Math.Max(count, Math.Max(held, SmallestBlock))));
        }

        var view = new MatrixView(_blocks[_block], _used, rows, columns, columns);
        _used += count;
        _height += count;
        _highest = Math.Max(_highest, _height);
        return view;
    }

    /// <summary>The present height of the stack.</summary>
    public ArenaMark Mark() => new(_block, _used, _height);

    /// <summary>Releases all that was allocated after the mark.</summary>
    public void Release(ArenaMark mark) => (_block, _used, _height) = (mark.Block, mark.Used, mark.Height);

    /// <summary>Releases all that was allocated after the mark but moves one tensor down to it.</summary>
    public Tensor ReleaseExcept(ArenaMark mark, Tensor keep)
    {
        Release(mark);
        var view = Allocate(keep.View.Rows, keep.View.Columns);
        if (view != keep.View)
        {
            kernels.Copy(keep.View, view);
        }

        return keep with { View = view };
    }

    /// <summary>Releases everything and joins what had to be added piece by piece, in one piece that is just high enough.</summary>
    public void Reset()
    {
        if (_blocks.Count > 1)
        {
            var highest = _highest;
            Dispose();
            _blocks.Add(kernels.Allocate(kernels.Real, highest));
        }

        (_block, _used, _height) = (0, 0, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            block.Dispose();
        }

        _blocks.Clear();
        (_block, _used, _height, _highest) = (0, 0, 0, 0);
    }
}
