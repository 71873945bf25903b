using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>
/// Byte-level byte-pair encoding: a piece begins as single bytes, and neighbours are merged in the order of the ranks.
/// Sennrich, Haddow and Birch, <i>Neural Machine Translation of Rare Words with Subword Units</i>, 2016; on bytes since GPT-2.
/// </summary>
internal sealed class BytePairModel : SubwordModel
{
    private const int NoToken = -1;

    private readonly byte[]?[] _tokens;
    private readonly Merge[] _merges;
    private readonly MergeTable _table;
    private readonly int[] _byteTokens = new int[256];
    private readonly bool _takesWholePieces;
    private readonly WholePieceTable _wholePieces;
    private readonly ByteTrie? _longTokens;
    private readonly Lazy<BacktrackingEncoder>? _linear;

    /// <summary>Builds the model.</summary>
    /// <param name="tokens">The bytes of each id; null for ids that are not made of text, which the model never gives.</param>
    /// <param name="merges">In the order of their ranks. Several may give one token.</param>
    /// <param name="takesWholePieces">A piece that is a token is that token, even where its merges would lead elsewhere (tiktoken, Llama 3).</param>
    public BytePairModel(byte[]?[] tokens, Merge[] merges, bool takesWholePieces)
    {
        (_tokens, _takesWholePieces) = (tokens, takesWholePieces);
        Array.Fill(_byteTokens, NoToken);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id] is [var value])
                _byteTokens[value] = id;
        }

        if (takesWholePieces)
            _longTokens = new ByteTrie([.. tokens.Select((token, id) => (token!, id)).Where(entry => entry.Item1?.Length > PieceKey.MaxLength)]);

        _table = new MergeTable(merges);
        if (MergeTree.TryBuild(tokens, merges, _table) is { } tree)
        {
            // The other merges never come about.
            _merges = [.. merges.Where(merge => tree.LastMergeOf(merge.Result) == merge)];
            if (_merges.Length < merges.Length)
                _table = new MergeTable(_merges);

            _linear = new Lazy<BacktrackingEncoder>(() => new BacktrackingEncoder(tokens, tree));
            _wholePieces = new WholePieceTable(WholePieces(id => tree.LastMergeOf(id) is not null));
        }
        else
        {
            _merges = [.. merges.Where(merge => tokens[merge.Left] is not null && tokens[merge.Right] is not null)];
            var merger = new PairMerger(_table);
            _wholePieces = new WholePieceTable(WholePieces(id => IsMadeBy(merger, id)));
        }
    }

    /// <summary>The bytes of each id; null for ids that are not made of text.</summary>
    public byte[]?[] Tokens => _tokens;

    /// <inheritdoc/>
    public override string Kind => _merges.Length == 0 ? "bytes" : "byte-level BPE";

    /// <summary>Whether pieces of any length are encoded in time that grows with the length alone.</summary>
    public bool IsLinear => _linear is not null;

    /// <inheritdoc/>
    public override object CreateWorkspace() => new Workspace(_table);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> piece, EncodingSession session)
    {
        var workspace = (Workspace)session.Workspace!;
        if (!session.TracksOffsets)
        {
            session.Commit(Encode(piece, session.Reserve(Math.Max(piece.Length, PieceCache.MaxTokenCount)), workspace));
            return;
        }

        var ids = new int[Math.Max(piece.Length, PieceCache.MaxTokenCount)];
        int count = Encode(piece, ids, workspace);
        if (session.Explains)
            Explain(piece, ids.AsSpan(0, count), session);

        foreach (int id in ids.AsSpan(0, count))
            session.Add(id, _tokens[id]!.Length);
    }

    /// <summary>Encodes a piece by its definition, merge by merge, without any table of pieces.</summary>
    /// <returns>How many tokens.</returns>
    internal int EncodeByMerging(ReadOnlySpan<byte> piece, Span<int> ids, PairMerger merger)
    {
        ToBytes(piece, ids);
        return merger.Merge(ids[..piece.Length], []);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<(int Id, string Name)> others)
    {
        writer.WriteStartObject();
        var options = new CharacterPairOptions { FusesUnknown = false, TakesWholePieces = _takesWholePieces };
        PairModelWriter.WriteHead(writer, unknownToken: null, fallsBackToBytes: false, options);
        VocabularyWriter.Write(writer, Array.ConvertAll(_tokens, token => token is null ? null : ByteAlphabet.Write(token)), others);
        writer.WriteStartArray("merges");
        foreach (Merge merge in _merges)
            writer.WriteStringValue($"{ByteAlphabet.Write(_tokens[merge.Left])} {ByteAlphabet.Write(_tokens[merge.Right])}");

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private int Encode(ReadOnlySpan<byte> piece, Span<int> ids, Workspace workspace)
    {
        if (piece.Length > PieceKey.MaxLength)
            return EncodeLong(piece, ids, workspace);

        PieceKey key = PieceKey.Of(piece);
        ulong hash = key.Hash(piece.Length);
        int token = _wholePieces.TokenOf(hash, piece);
        if (token != NoToken)
        {
            ids[0] = token;
            return 1;
        }

        int count = workspace.Cache.TryGet(hash, key, piece.Length, ids);
        if (count == 0)
        {
            count = EncodeByMerging(piece, ids, workspace.Merger);
            workspace.Cache.Add(hash, key, piece.Length, ids[..count]);
        }

        return count;
    }

    private int EncodeLong(ReadOnlySpan<byte> piece, Span<int> ids, Workspace workspace)
    {
        if (_takesWholePieces && FindLongToken(piece) is not NoToken and var token)
        {
            ids[0] = token;
            return 1;
        }

        if (piece.Length <= PairMerger.ShortLength || _linear is null)
            return EncodeByMerging(piece, ids, workspace.Merger);

        ToBytes(piece, ids); // each must have a token
        return _linear.Value.Encode(piece, ids, workspace.Linear);
    }

    private void Explain(ReadOnlySpan<byte> piece, ReadOnlySpan<int> tokens, EncodingSession session)
    {
        byte[] bytes = piece.ToArray();
        var ids = new int[bytes.Length];
        var merger = new PairMerger(_table);

        // A piece that was taken whole, against its merges or without any, has none to show.
        if (_takesWholePieces && !(CanSpell(bytes) && tokens.SequenceEqual(ids.AsSpan(0, EncodeByMerging(bytes, ids, merger)))))
            return;

        ToBytes(bytes, ids);
        merger.Merge(ids, [], (left, right, end, rank) => session.AddMerge(bytes.AsSpan(left..right), bytes.AsSpan(right..end), rank));
    }

    private void ToBytes(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        for (int i = 0; i < piece.Length; i++)
        {
            ids[i] = _byteTokens[piece[i]];
            if (ids[i] == NoToken)
                throw new UnspellableException(i);
        }
    }

    private int FindLongToken(ReadOnlySpan<byte> piece) =>
        _longTokens?.LongestMatch(piece, out int length) is { } token && length == piece.Length ? token : NoToken;

    private bool IsMadeBy(PairMerger merger, int id)
    {
        byte[] token = _tokens[id]!;
        var ids = new int[token.Length];
        return CanSpell(token) && EncodeByMerging(token, ids, merger) == 1 && ids[0] == id;
    }

    private bool CanSpell(byte[] piece) => piece.All(value => _byteTokens[value] != NoToken);

    private byte[]?[] WholePieces(Func<int, bool> isMade) =>
        [.. _tokens.Select((token, id) => token is not null && (_takesWholePieces || token.Length == 1 || isMade(id)) ? token : null)];

    /// <summary>What the model works in.</summary>
    private sealed class Workspace(MergeTable table)
    {
        public PairMerger Merger { get; } = new(table);

        public PieceCache Cache { get; } = new();

        public BacktrackingEncoder.Memory Linear { get; } = new();
    }
}
