using System.Buffers;
using System.Text;
using Inkling.Text.Normalization;
using Inkling.Text.Splitting;

namespace Inkling.Text;

/// <summary>
/// Collects the tokens of one text, and holds the memory that encoding works in. A tokenizer keeps the sessions of finished texts for later ones, so that
/// steady encoding allocates nothing but its results.
/// </summary>
internal sealed class EncodingSession(object? workspace)
{
    // Ids that are passed on are collected up to so many.
    private const int PartCount = 1 << 15;

    private readonly List<NormalizedText> _buffers = [];
    private readonly List<List<ByteRange>> _pieceLists = [];
    private readonly List<TokenSpan> _spans = [];
    private readonly List<ExplainedPiece> _pieces = [];
    private readonly List<MergeStep> _merges = [];
    private readonly StringBuilder _normalized = new();
    private Action<ReadOnlySpan<int>>? _append;
    private int[] _ids = [];
    private int _count;
    private TextOrigin _origin;
    private int _cursor;
    private string _pieceText = "";
    private int _pieceStart;

    /// <summary>Working memory of the model.</summary>
    public object? Workspace { get; } = workspace;

    /// <summary>Whether the place of each token is wanted.</summary>
    public bool TracksOffsets { get; private set; }

    /// <summary>Whether every merge is wanted, with <see cref="AddMerge"/>.</summary>
    public bool Explains { get; private set; }

    /// <summary>The tokens so far, but those already passed on.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>The tokens so far with their places.</summary>
    public List<TokenSpan> Spans => _spans;

    /// <summary>What was explained so far.</summary>
    public EncodingExplanation Explanation
    {
        get
        {
            EndPiece();
            return new EncodingExplanation(_normalized.ToString(), [.. _pieces]);
        }
    }

    /// <summary>Begins a text.</summary>
    /// <param name="wanted">What to note besides the ids.</param>
    /// <param name="append">Takes the ids now and then; null to keep them all.</param>
    public void Begin(Detail wanted, Action<ReadOnlySpan<int>>? append)
    {
        (TracksOffsets, Explains, _append) = (wanted >= Detail.Offsets, wanted == Detail.Explanation, append);
        _ids = ArrayPool<int>.Shared.Rent(append is null ? 1 << 10 : PartCount);
        _count = 0;
    }

    /// <summary>Gives back what was rented and forgets the text.</summary>
    public void End()
    {
        ArrayPool<int>.Shared.Return(_ids);
        (_ids, _count, _append) = ([], 0, null);
        _spans.Clear();
        _pieces.Clear();
        _merges.Clear();
        _normalized.Clear();
        _pieceText = "";
    }

    /// <summary>Passes the rest on to whom takes the ids piece by piece.</summary>
    public void Flush()
    {
        if (_count > 0)
            _append?.Invoke(Ids);

        _count = 0;
    }

    /// <summary>The buffer that the normaliser at a place of the pipeline writes to.</summary>
    public NormalizedText Buffer(int stage)
    {
        while (_buffers.Count <= stage)
            _buffers.Add(new NormalizedText());

        return _buffers[stage];
    }

    /// <summary>The list, emptied, that the splitter at a place of the pipeline writes to.</summary>
    public List<ByteRange> Pieces(int stage)
    {
        while (_pieceLists.Count <= stage)
            _pieceLists.Add([]);

        _pieceLists[stage].Clear();
        return _pieceLists[stage];
    }

    /// <summary>Says where the tokens that follow lie.</summary>
    public void BeginPiece(ReadOnlySpan<byte> piece, TextOrigin origin)
    {
        if (!TracksOffsets)
            return;

        (_origin, _cursor) = (origin, 0);
        if (Explains)
        {
            EndPiece();
            _pieceText = Utf8Text.Show(piece);
            _normalized.Append(_pieceText);
            _pieceStart = _spans.Count;
        }
    }

    /// <summary>Adds a token that stands for the next <paramref name="length"/> bytes of the piece.</summary>
    public void Add(int id, int length)
    {
        if (_count == _ids.Length)
            Grow(1);

        _ids[_count++] = id;
        if (TracksOffsets)
            AddSpan(id, length);
    }

    /// <summary>Makes room for tokens whose places nobody asks for; <see cref="Commit"/> says how many there were.</summary>
    public Span<int> Reserve(int count)
    {
        if (count > _ids.Length - _count)
            Grow(count);

        return _ids.AsSpan(_count);
    }

    /// <summary>Takes the first <paramref name="count"/> of what <see cref="Reserve"/> gave.</summary>
    public void Commit(int count) => _count += count;

    /// <summary>The place in the original of a byte of the piece, where offsets are wanted.</summary>
    public int OriginalOffset(int offset) => _origin.Map(offset, offset + 1).Start;

    /// <summary>Notes a merge of the piece.</summary>
    public void AddMerge(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int rank) =>
        _merges.Add(new MergeStep(Utf8Text.Show(left), Utf8Text.Show(right), rank));

    private void AddSpan(int id, int length)
    {
        (int start, int end) = _origin.Map(_cursor, _cursor + length);
        _spans.Add(new TokenSpan(id, start, end - start));
        _cursor += length;
    }

    private void EndPiece()
    {
        if (_pieceText.Length > 0)
            _pieces.Add(new ExplainedPiece(_pieceText, [.. _merges], [.. _spans[_pieceStart..]]));

        _merges.Clear();
        _pieceText = "";
    }

    private void Grow(int count)
    {
        if (_append is not null && _count > 0)
            Flush();

        int needed = checked(_count + count);
        if (needed <= _ids.Length)
            return;

        int[] larger = ArrayPool<int>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _ids.Length)));
        Ids.CopyTo(larger);
        ArrayPool<int>.Shared.Return(_ids);
        _ids = larger;
    }

    /// <summary>What is noted besides the ids.</summary>
    internal enum Detail
    {
        Ids,
        Offsets,
        Explanation,
    }
}
