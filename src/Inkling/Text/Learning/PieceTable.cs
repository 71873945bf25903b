using System.Buffers.Binary;

namespace Inkling.Text.Learning;

/// <summary>Counts byte strings. They lie one after the other in one array, and places in an open hash table point to them: no object for each.</summary>
internal sealed class PieceTable
{
    private const int SlotsPerCheck = 1 << 16;

    private Slot[] _slots;
    private int _shift;
    private byte[] _bytes;
    private int _byteCount;

    /// <summary>Makes an empty table.</summary>
    public PieceTable(int expectedCount = 1 << 12)
    {
        int bits = 4;
        while (1L << bits < 2L * expectedCount)
            bits++;

        _slots = new Slot[1 << bits];
        _shift = 64 - bits;
        _bytes = new byte[1 << 12];
    }

    /// <summary>How many different pieces there are.</summary>
    public int Count { get; private set; }

    /// <summary>Their lengths together, in bytes.</summary>
    public int ByteCount => _byteCount;

    /// <summary>Adds to the count of a piece.</summary>
    /// <param name="piece">The piece; not empty.</param>
    /// <param name="count">How often it was seen, at least once.</param>
    /// <returns>Whether it is the first time.</returns>
    /// <exception cref="InvalidDataException">The different pieces together are longer than an array can be.</exception>
    public bool Add(ReadOnlySpan<byte> piece, long count) => Add(piece, HashOf(piece), count);

    /// <summary>Adds all that another table has counted.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Add(PieceTable other, CancellationToken cancellation)
    {
        for (int place = 0; place < other._slots.Length; place++)
        {
            if (place % SlotsPerCheck == 0)
                cancellation.ThrowIfCancellationRequested();

            ref readonly Slot slot = ref other._slots[place];
            if (slot.Count > 0)
                Add(other.PieceOf(slot), slot.Hash, slot.Count);
        }
    }

    /// <summary>Whether a piece was counted.</summary>
    public bool Contains(ReadOnlySpan<byte> piece) => _slots[Find(piece, HashOf(piece))].Count > 0;

    /// <summary>All pieces with their counts, in no particular order.</summary>
    public Enumerator GetEnumerator() => new(this);

    private bool Add(ReadOnlySpan<byte> piece, ulong hash, long count)
    {
        ref Slot slot = ref _slots[Find(piece, hash)];
        if (slot.Count > 0)
        {
            slot.Count += count;
            return false;
        }

        slot = new Slot(count, hash, Store(piece), piece.Length);
        Count++;
        if (2L * Count > _slots.Length)
            Grow();

        return true;
    }

    private int Find(ReadOnlySpan<byte> piece, ulong hash)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        int place = (int)(hash >> _shift);
        while (true)
        {
            ref readonly Slot slot = ref slots[place];
            if (slot.Count == 0 || (slot.Hash == hash && piece.SequenceEqual(PieceOf(slot))))
                return place;

            place = (place + 1) & mask;
        }
    }

    private ReadOnlySpan<byte> PieceOf(in Slot slot) => _bytes.AsSpan(slot.Start, slot.Length);

    private int Store(ReadOnlySpan<byte> piece)
    {
        long needed = (long)_byteCount + piece.Length;
        if (needed > Array.MaxLength)
            throw new InvalidDataException($"The different pieces of the text are longer than {Array.MaxLength} bytes; train on a part of it.");

        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));

        int start = _byteCount;
        piece.CopyTo(_bytes.AsSpan(start));
        _byteCount = (int)needed;
        return start;
    }

    private void Grow()
    {
        Slot[] old = _slots;
        _slots = new Slot[checked(2 * old.Length)];
        _shift--;
        int mask = _slots.Length - 1;
        foreach (ref readonly Slot slot in old.AsSpan())
        {
            if (slot.Count == 0)
                continue;

            int place = (int)(slot.Hash >> _shift);
            while (_slots[place].Count > 0)
                place = (place + 1) & mask;

            _slots[place] = slot;
        }
    }

    // Eight bytes at a time, mixed by the two halves of a long product.
    private static ulong HashOf(ReadOnlySpan<byte> piece)
    {
        ulong hash = (ulong)piece.Length * 0x9E3779B97F4A7C15;
        for (; piece.Length >= 8; piece = piece[8..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(piece));

        ulong rest = piece.Length switch
        {
            0 => 0,
            < 4 => piece[0] | ((uint)piece[piece.Length / 2] << 8) | ((uint)piece[^1] << 16),
            _ => BinaryPrimitives.ReadUInt32LittleEndian(piece) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(piece[^4..]) << 32),
        };
        return Mix(hash ^ rest);
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0xD6E8FEB86659FD93, out ulong low);
        return high ^ low;
    }

    /// <summary>A piece and how often it was seen.</summary>
    public readonly ref struct Entry(ReadOnlySpan<byte> piece, long count)
    {
        public ReadOnlySpan<byte> Piece { get; } = piece;

        public long Count { get; } = count;
    }

    /// <summary>Walks through the pieces.</summary>
    public struct Enumerator(PieceTable table)
    {
        private int _place = -1;

        /// <summary>Where it stands.</summary>
        public readonly Entry Current => new(table.PieceOf(table._slots[_place]), table._slots[_place].Count);

        /// <summary>Goes to the next piece.</summary>
        public bool MoveNext()
        {
            while (++_place < table._slots.Length)
            {
                if (table._slots[_place].Count > 0)
                    return true;
            }

            return false;
        }
    }

    private struct Slot(long count, ulong hash, int start, int length)
    {
        public long Count = count;
        public readonly ulong Hash = hash;
        public readonly int Start = start;
        public readonly int Length = length;
    }
}
