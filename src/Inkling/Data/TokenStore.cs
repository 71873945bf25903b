using System.Numerics;

namespace Inkling.Data;

/// <summary>Token ids in chunks, of whichever width.</summary>
internal abstract class TokenStore
{
    public long Length { get; protected set; }

    public abstract int BytesPerToken { get; }

    public abstract void Append(ReadOnlySpan<int> ids);

    public abstract void CopyTo(long start, Span<int> destination);
}

/// <summary>Token ids as <typeparamref name="T"/>. It only ever grows, so views of what was there before stay true.</summary>
internal sealed class TokenStore<T> : TokenStore
    where T : unmanaged, IBinaryInteger<T>
{
    private const int ChunkBits = 16; // small enough that a short text wastes little, large enough that a copy seldom crosses an edge
    private const int ChunkLength = 1 << ChunkBits;

    private readonly List<T[]> _chunks = [];

    public override int BytesPerToken => T.Zero.GetByteCount();

    public override void Append(ReadOnlySpan<int> ids)
    {
        while (!ids.IsEmpty)
        {
            int offset = (int)(Length % ChunkLength);
            if (offset == 0)
                _chunks.Add(new T[ChunkLength]);

            Span<T> free = _chunks[^1].AsSpan(offset);
            int count = Math.Min(free.Length, ids.Length);
            for (int i = 0; i < count; i++)
                free[i] = T.CreateTruncating(ids[i]);

            Length += count;
            ids = ids[count..];
        }
    }

    public override void CopyTo(long start, Span<int> destination)
    {
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<T> stored = _chunks[(int)(start >> ChunkBits)].AsSpan((int)(start % ChunkLength));
            int count = Math.Min(stored.Length, destination.Length);
            for (int i = 0; i < count; i++)
                destination[i] = int.CreateTruncating(stored[i]);

            start += count;
            destination = destination[count..];
        }
    }
}
