namespace Inkling.Text.Subwords;

/// <summary>The symbols of a word that is being merged, with the memory for it. Belongs to one thread at a time.</summary>
internal sealed class SymbolWord(MergeTable merges)
{
    private readonly PairMerger _merger = new(merges);
    private int[] _symbols = new int[64];
    private int[] _lengths = new int[64];

    /// <summary>How many symbols there are.</summary>
    public int Count { get; private set; }

    /// <summary>A symbol and its length in bytes.</summary>
    public (int Symbol, int Length) this[int index] => (_symbols[index], _lengths[index]);

    /// <summary>Forgets the word.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a symbol at the end.</summary>
    public void Add(int symbol, int length)
    {
        if (Count == _symbols.Length)
        {
            int size = (int)Math.Min(Array.MaxLength, 2L * Count);
            Array.Resize(ref _symbols, size);
            Array.Resize(ref _lengths, size);
        }

        (_symbols[Count], _lengths[Count++]) = (symbol, length);
    }

    /// <summary>Makes all merges.</summary>
    /// <param name="text">The bytes of the word.</param>
    /// <param name="session">Told of every merge if it wants to know.</param>
    public void Merge(ReadOnlySpan<byte> text, EncodingSession session)
    {
        if (Count > 1)
            Count = _merger.Merge(_symbols.AsSpan(0, Count), _lengths.AsSpan(0, Count), session.Explains ? Observe(text, session) : null);
    }

    private PairMerger.Observer Observe(ReadOnlySpan<byte> text, EncodingSession session)
    {
        byte[] bytes = text.ToArray();
        var starts = new int[Count + 1];
        for (int i = 0; i < Count; i++)
            starts[i + 1] = starts[i] + _lengths[i];

        return (left, right, end, rank) => session.AddMerge(bytes.AsSpan(starts[left]..starts[right]), bytes.AsSpan(starts[right]..starts[end]), rank);
    }
}
