using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>
/// Byte-pair encoding that begins with characters, as SentencePiece does it and Llama 2's <c>tokenizer.json</c>. User-defined pieces are found first and
/// merge with nothing; unused ones are taken apart again after the last merge.
/// </summary>
internal sealed class CharacterPairModel : SubwordModel
{
    private readonly PieceVocabulary _vocabulary;
    private readonly Merge[] _merges;
    private readonly CharacterPairOptions _options;
    private readonly MergeTable _table;
    private readonly ByteTrie? _userDefined;
    private readonly ByteTrie? _wholes;
    private readonly bool[] _startsUserDefined = new bool[256];

    // Symbol of each code point, as long as the largest one needs.
    private readonly int[] _symbols;

    // Two neighbours that no merge joins fall into different words, which are merged one by one.
    private readonly NeighbourFilter _neighbours;

    // What an unused piece was merged from.
    private readonly Dictionary<int, (int Left, int Right)> _parts = [];

    /// <summary>Builds the model.</summary>
    /// <param name="vocabulary">Pieces; their scores do not matter.</param>
    /// <param name="merges">Of pieces that are text and of extra characters, but no user-defined ones, by id.</param>
    /// <param name="options">What is done besides merging.</param>
    public CharacterPairModel(PieceVocabulary vocabulary, Merge[] merges, CharacterPairOptions options)
    {
        (_vocabulary, _merges, _options) = (vocabulary, merges, options);
        _table = new MergeTable(merges);
        _symbols = MapCharacters();
        _neighbours = FindNeighbours();
        if (options.TakesWholePieces)
            _wholes = vocabulary.TrieOf(PieceKind.Normal, PieceKind.UserDefined);

        IEnumerable<VocabularyPiece> userDefined = vocabulary.Pieces.Where(piece => piece.Kind == PieceKind.UserDefined);
        if (userDefined.Any())
        {
            _userDefined = vocabulary.TrieOf(PieceKind.UserDefined);
            foreach (VocabularyPiece piece in userDefined)
                _startsUserDefined[Encoding.UTF8.GetBytes(piece.Text)[0]] = true;
        }

        FindParts();
    }

    /// <summary>The pieces.</summary>
    public PieceVocabulary Vocabulary => _vocabulary;

    /// <summary>In the order of their ranks.</summary>
    public IReadOnlyList<Merge> Merges => _merges;

    /// <summary>What is done besides merging.</summary>
    public CharacterPairOptions Options => _options;

    /// <inheritdoc/>
    public override string Kind => "BPE on characters";

    /// <inheritdoc/>
    public override object CreateWorkspace() => new SymbolWord(_table);

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> piece, EncodingSession session)
    {
        if (_wholes?.LongestMatch(piece, out int length) is { } whole && whole != ByteTrie.None && length == piece.Length)
        {
            session.Add(whole, length);
            return;
        }

        var word = (SymbolWord)session.Workspace!;
        word.Clear();
        var writer = new PieceWriter(piece, _vocabulary, _options.FusesUnknown, session);
        for (int at = 0, start = 0, previous = PieceVocabulary.None; at < piece.Length; at += length)
        {
            int symbol = SymbolAt(piece, at, out length);
            if (at > start && ((previous | symbol) < 0 || !_neighbours.Contains(previous, symbol)))
            {
                Write(piece[start..at], word, ref writer, session);
                start = at;
            }

            word.Add(symbol, length);
            previous = symbol;
            if (at + length == piece.Length)
                Write(piece[start..], word, ref writer, session);
        }

        writer.Flush();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<(int Id, string Name)> others)
    {
        if (_vocabulary.Pieces.Any(piece => piece.Kind == PieceKind.Unused))
            throw new NotSupportedException("tokenizer.json cannot say that a piece is unused.");

        if (_options.ExtraCharacters.Count > 0)
            throw new NotSupportedException("tokenizer.json cannot merge characters that are not in the vocabulary.");

        writer.WriteStartObject();
        string? unknownToken = _vocabulary.UnknownId == PieceVocabulary.None ? null : _vocabulary.Pieces[_vocabulary.UnknownId].Text;
        PairModelWriter.WriteHead(writer, unknownToken, _vocabulary.FallsBackToBytes, _options);
        VocabularyWriter.Write(writer, Array.ConvertAll(_vocabulary.Pieces, piece => piece.Kind == PieceKind.Absent ? null : piece.Text), others);
        writer.WriteStartArray("merges");
        foreach (Merge merge in _merges)
        {
            // The form with two strings: a piece may hold a space.
            writer.WriteStartArray();
            writer.WriteStringValue(_vocabulary.Pieces[merge.Left].Text);
            writer.WriteStringValue(_vocabulary.Pieces[merge.Right].Text);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private int SymbolAt(ReadOnlySpan<byte> text, int at, out int length)
    {
        byte first = text[at];
        if (_startsUserDefined[first] && _userDefined!.LongestMatch(text[at..], out length) is var id and not ByteTrie.None)
            return id;

        length = 1;
        int codePoint = first;
        if (first >= 0x80)
        {
            if (Rune.DecodeFromUtf8(text[at..], out Rune character, out int count) != OperationStatus.Done)
                return PieceVocabulary.None;

            (codePoint, length) = (character.Value, count);
        }

        int[] symbols = _symbols;
        return codePoint < symbols.Length ? symbols[codePoint] : PieceVocabulary.None;
    }

    // Merges a word and adds what comes of it.
    private void Write(ReadOnlySpan<byte> text, SymbolWord word, ref PieceWriter writer, EncodingSession session)
    {
        word.Merge(text, session);
        for (int i = 0; i < word.Count; i++)
        {
            (int symbol, int length) = word[i];
            if (_parts.Count > 0 && _parts.ContainsKey(symbol))
                WriteParts(symbol, ref writer);
            else if ((uint)symbol < (uint)_vocabulary.Pieces.Length)
                writer.Add(symbol, length);
            else
                writer.AddUnknown(length);
        }

        word.Clear();
    }

    private void WriteParts(int symbol, ref PieceWriter writer)
    {
        var waiting = new Stack<int>();
        for (waiting.Push(symbol); waiting.TryPop(out symbol);)
        {
            if (_parts.TryGetValue(symbol, out (int Left, int Right) parts))
            {
                waiting.Push(parts.Right);
                waiting.Push(parts.Left);
            }
            else if (symbol < _vocabulary.Pieces.Length)
            {
                writer.Add(symbol, Encoding.UTF8.GetByteCount(_vocabulary.Pieces[symbol].Text));
            }
            else
            {
                writer.AddUnknown(_options.ExtraCharacters[symbol - _vocabulary.Pieces.Length].Utf8SequenceLength);
            }
        }
    }

    private int[] MapCharacters()
    {
        var characters = new List<(int CodePoint, int Symbol)>();
        for (int id = 0; id < _vocabulary.Pieces.Length; id++)
        {
            VocabularyPiece piece = _vocabulary.Pieces[id];
            if (piece.IsText && Rune.TryGetRuneAt(piece.Text, 0, out Rune character) && character.Utf16SequenceLength == piece.Text.Length)
                characters.Add((character.Value, id));
        }

        for (int i = 0; i < _options.ExtraCharacters.Count; i++)
            characters.Add((_options.ExtraCharacters[i].Value, _vocabulary.Pieces.Length + i));

        var symbols = new int[characters.Count == 0 ? 0 : characters.Max(character => character.CodePoint) + 1];
        Array.Fill(symbols, PieceVocabulary.None);
        foreach ((int codePoint, int symbol) in characters)
            symbols[codePoint] = symbol;

        return symbols;
    }

    // The characters on both sides of each place where a merge joins.
    private NeighbourFilter FindNeighbours()
    {
        var filter = new NeighbourFilter(_merges.Length);
        foreach (Merge merge in _merges)
        {
            (int left, int right) = (SymbolOf(merge.Left, isLast: true), SymbolOf(merge.Right, isLast: false));
            if ((left | right) >= 0)
                filter.Add(left, right);
        }

        return filter;
    }

    private int SymbolOf(int id, bool isLast)
    {
        if (id >= _vocabulary.Pieces.Length)
            return id;

        ReadOnlySpan<char> text = _vocabulary.Pieces[id].Text;
        OperationStatus status = isLast ? Rune.DecodeLastFromUtf16(text, out Rune character, out _) : Rune.DecodeFromUtf16(text, out character, out _);
        return status == OperationStatus.Done && character.Value < _symbols.Length ? _symbols[character.Value] : PieceVocabulary.None;
    }

    // Within one piece merges are made in the same order wherever it stands, so what it is made of is found once.
    private void FindParts()
    {
        PairMerger? merger = null;
        for (int id = 0; id < _vocabulary.Pieces.Length; id++)
        {
            if (_vocabulary.Pieces[id].Kind != PieceKind.Unused)
                continue;

            merger ??= new PairMerger(_table);
            byte[] text = Encoding.UTF8.GetBytes(_vocabulary.Pieces[id].Text);
            var symbols = new List<int>();
            for (int at = 0, length; at < text.Length; at += length)
                symbols.Add(SymbolAt(text, at, out length));

            if (symbols.Count < 2 || symbols.Contains(PieceVocabulary.None))
                continue;

            int[] ids = [.. symbols];
            (int Left, int Right) last = default;
            if (merger.Merge(ids, new int[ids.Length], (left, right, _, _) => last = (ids[left], ids[right])) == 1)
                _parts.Add(id, last);
        }
    }
}
