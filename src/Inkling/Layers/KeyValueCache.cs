using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>Keys and values of the tokens already seen, for every layer, so that a new token costs one row of work.</summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly DeviceBuffer _buffer;
    private readonly int _width;

    /// <summary>Room for <paramref name="capacity"/> tokens in each of <paramref name="batchSize"/> sequences.</summary>
    public KeyValueCache(IKernels kernels, int layerCount, int batchSize, int capacity, int width)
    {
        (Capacity, BatchSize, _width) = (capacity, batchSize, width);
        _buffer = kernels.Allocate(kernels.Real, checked(2L * layerCount * batchSize * capacity * width));
    }

    /// <summary>Sequences.</summary>
    public int BatchSize { get; }

    /// <summary>Most tokens per sequence.</summary>
    public int Capacity { get; }

    /// <summary>Tokens per sequence so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a layer's keys and values of new tokens behind those it has.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="layer">Number of the layer.</param>
    /// <param name="k">Keys (B, T, Hk·D).</param>
    /// <param name="v">Values (B, T, Hk·D).</param>
    /// <returns>All keys and values of the layer, (B, capacity, Hk·D).</returns>
    /// <exception cref="InvalidOperationException">The new tokens do not fit.</exception>
    public (Tensor K, Tensor V) Append(Step step, int layer, Tensor k, Tensor v)
        => (Append(step, 2 * layer, k), Append(step, (2 * layer) + 1, v));

    /// <summary>Counts tokens as seen once every layer has them.</summary>
    public void Advance(int tokenCount) => Length += tokenCount;

    /// <summary>Forgets every token.</summary>
    public void Clear() => Length = 0;

    /// <summary>Keeps the first tokens of every sequence and forgets those after them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer tokens.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private Tensor Append(Step step, int plane, Tensor rows)
    {
        var time = rows.Shape.Time;
        if (rows.Shape.Batch != BatchSize || Length + time > Capacity)
        {
            throw new InvalidOperationException(
                $"A cache of {BatchSize} × {Capacity} tokens that holds {Length} has no room for {rows.Shape.Batch} × {time} more.");
        }

        var planeRows = BatchSize * Capacity;
        var all = new MatrixView(_buffer, (long)plane * planeRows * _width, planeRows, _width, _width);
        for (var sequence = 0; sequence < BatchSize; sequence++)
        {
            step.Kernels.Copy(rows.View.SliceRows(sequence * time, time), all.SliceRows((sequence * Capacity) + Length, time));
        }

        return new Tensor(all, new Shape(BatchSize, Capacity, _width), 0);
    }
}
