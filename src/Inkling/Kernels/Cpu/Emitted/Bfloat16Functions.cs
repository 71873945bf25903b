namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>The emitted functions of <see cref="Bfloat16Code"/>, in memory that jobs can point to.</summary>
internal unsafe struct Bfloat16Functions
{
    // By height.
    private fixed long _tiles[Bfloat16Code.TileRows + 1];
    private delegate* unmanaged[SuppressGCTransition]<Rounding*, void> _rows;
    private delegate* unmanaged[SuppressGCTransition]<Rounding*, void> _pairs;
    private void* _order;

    public void SetTile(int height, void* code) => _tiles[height] = (long)code;

    public void SetRounding(void* rows, void* pairs, void* order)
    {
        _rows = (delegate* unmanaged[SuppressGCTransition]<Rounding*, void>)rows;
        _pairs = (delegate* unmanaged[SuppressGCTransition]<Rounding*, void>)pairs;
        _order = order;
    }

    /// <summary>c = start + a·b in steps of two terms, with at most <see cref="Bfloat16Code.TileColumns"/> columns.</summary>
    public readonly void Multiply(in Tile tile, int rows, int columns)
    {
        var part = tile;
        part.ColumnMask = uint.MaxValue >> (Bfloat16Code.TileColumns - columns);
        while (rows > 0)
        {
            var height = Math.Min(rows, Bfloat16Code.TileRows);
            ((delegate* unmanaged[SuppressGCTransition]<Tile*, void>)_tiles[height])(&part);
            part.A += height * part.RowStride;
            part.Start += part.Start is null ? 0 : height * part.StartPitch;
            part.C += height * part.Pitch;
            rows -= height;
        }
    }

    /// <summary>destination[row, step] = the terms 2·step and 2·step + 1 of a row, rounded; a missing last term is zero.</summary>
    public readonly void RoundRows(float* source, nint pitch, int rows, int terms, float* destination, nint destinationPitch)
    {
        var rest = terms % Bfloat16Code.TileColumns;
        var rounding = new Rounding
        {
            Source = source,
            SourcePitch = pitch,
            Destination = destination,
            DestinationPitch = destinationPitch,
            Count = rows,
            Vectors = terms / Bfloat16Code.TileColumns,
            FirstMask = Mask(Math.Min(rest, Bfloat16Code.TileColumns / 2)),
            SecondMask = Mask(Math.Max(0, rest - (Bfloat16Code.TileColumns / 2))),
            ThirdMask = Mask((rest + 1) / 2),
        };
        _rows(&rounding);
    }

    /// <summary>destination[step, column] = the terms 2·step and 2·step + 1 of a column, rounded; a missing last term is zero.</summary>
    public readonly void RoundPairs(float* source, nint pitch, int terms, int columns, float* destination, nint destinationPitch)
    {
        var rounding = new Rounding
        {
            Source = source,
            SourcePitch = pitch,
            Destination = destination,
            DestinationPitch = destinationPitch,
            Count = terms / 2,
            Vectors = columns / (Bfloat16Code.TileColumns / 2),
            FirstMask = Mask(columns % (Bfloat16Code.TileColumns / 2)),
            SecondMask = Mask(columns % (Bfloat16Code.TileColumns / 2)),
            ThirdMask = Mask(Bfloat16Code.TileColumns / 2),
            Order = _order,
        };
        if (rounding.Count > 0)
        {
            _pairs(&rounding);
        }

        if (terms % 2 != 0)
        {
            // A row alone: of the one below it no lane is read.
            rounding.Source += (terms - 1) * pitch;
            rounding.Destination += terms / 2 * destinationPitch;
            (rounding.Count, rounding.SecondMask, rounding.ThirdMask) = (1, 0, 0);
            _pairs(&rounding);
        }
    }

    private static ulong Mask(int lanes) => (1UL << lanes) - 1;
}
