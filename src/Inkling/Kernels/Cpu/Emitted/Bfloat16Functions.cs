namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>The emitted functions of <see cref="Bfloat16Code"/>, in memory that jobs can point to.</summary>
internal unsafe struct Bfloat16Functions
{
    // By height.
    private fixed long _tiles[Bfloat16Code.TileRows + 1];
    private delegate* unmanaged[SuppressGCTransition]<Rounding*, void> _rows;
    private delegate* unmanaged[SuppressGCTransition]<Rounding*, void> _pairs;
    private delegate* unmanaged[SuppressGCTransition]<Rounding*, void> _panels;
    private void* _order;

    public void SetTile(int height, void* code) => _tiles[height] = (long)code;

    public void SetRounding(void* rows, void* pairs, void* panels, void* order)
    {
        _rows = (delegate* unmanaged[SuppressGCTransition]<Rounding*, void>)rows;
        _pairs = (delegate* unmanaged[SuppressGCTransition]<Rounding*, void>)pairs;
        _panels = (delegate* unmanaged[SuppressGCTransition]<Rounding*, void>)panels;
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
        if (rows == 0)
        {
            return;
        }

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
            Vectors = columns / (Bfloat16Code.TileColumns / 2),
            FirstMask = Mask(columns % (Bfloat16Code.TileColumns / 2)),
        };
        Round(ref rounding, _pairs, terms, destinationPitch);
    }

    /// <summary>The same for whole panels of <see cref="Bfloat16Code.TileColumns"/> columns, which begin <paramref name="panelSize"/> elements apart.</summary>
    public readonly void RoundPanels(float* source, nint pitch, int terms, int panels, float* destination, nint panelSize)
    {
        var rounding = new Rounding { Source = source, SourcePitch = pitch, Destination = destination, DestinationPitch = panelSize, Vectors = panels };
        Round(ref rounding, _panels, terms, Bfloat16Code.TileColumns);
    }

    /// <summary>Pairs of rows, then a last row alone: of the one below it no lane is read.</summary>
    private readonly void Round(ref Rounding rounding, delegate* unmanaged[SuppressGCTransition]<Rounding*, void> function, int terms, nint stepSize)
    {
        fixed (Rounding* pointer = &rounding)
        {
            rounding.Order = _order;
            (rounding.Count, rounding.SecondMask, rounding.ThirdMask) = (terms / 2, rounding.FirstMask, Mask(Bfloat16Code.TileColumns / 2));
            if (rounding.Count > 0)
            {
                function(pointer);
            }

            if (terms % 2 != 0)
            {
                rounding.Source += (terms - 1) * rounding.SourcePitch;
                rounding.Destination += terms / 2 * stepSize;
                (rounding.Count, rounding.SecondMask, rounding.ThirdMask) = (1, 0, 0);
                function(pointer);
            }
        }
    }

    private static ulong Mask(int lanes) => (1UL << lanes) - 1;
}
