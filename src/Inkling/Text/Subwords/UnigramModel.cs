using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>
/// The unigram language model: of all ways to cut a text into pieces, the one whose scores add up to the most.
/// Kudo, <i>Subword Regularization</i>, 2018. The sums are rounded as SentencePiece rounds them, so that near ties fall alike.
/// </summary>
internal sealed class UnigramModel : SubwordModel
{
    // A float holds a sum over a normal line exactly enough. A longer text begins a new sum after so many bytes, at the next place that no piece spans.
    private const int SumBytes = 1 << 16;

    // What SentencePiece starts the search for the largest score with: the smallest positive float that has all its digits.
    private const float LeastMaximum = 1.17549435e-38f;

    private const float UnknownPenalty = 10;

    private readonly PieceVocabulary _vocabulary;
    private readonly ByteTrie _trie;
    private readonly double[] _scores;
    private readonly int[] _lengths;
    private readonly float _unknownScore;

    /// <summary>Builds the model.</summary>
    /// <param name="vocabulary">Pieces with finite scores.</param>
    public UnigramModel(PieceVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _trie = vocabulary.TrieOf(PieceKind.Normal, PieceKind.UserDefined);
        (float least, float most) = (float.MaxValue, LeastMaximum);
        foreach (VocabularyPiece piece in vocabulary.Pieces)
        {
            if (piece.Kind == PieceKind.Normal)
                (least, most) = (Math.Min(least, piece.Score), Math.Max(most, piece.Score));
        }

        _unknownScore = least - UnknownPenalty;
        _scores = new double[vocabulary.Pieces.Length];
        _lengths = new int[_scores.Length];
        for (int id = 0; id < _scores.Length; id++)
        {
            VocabularyPiece piece = vocabulary.Pieces[id];
            _lengths[id] = System.Text.Encoding.UTF8.GetByteCount(piece.Text);

            // Better than any other way to spell the same, but of several still the one with the fewest.
            _scores[id] = piece.Kind == PieceKind.UserDefined ? (_lengths[id] * most) - 0.1 : piece.Score;
        }
    }

    /// <summary>The pieces.</summary>
    public PieceVocabulary Vocabulary => _vocabulary;

    /// <inheritdoc/>
    public override string Kind => "unigram";

    /// <inheritdoc/>
    public override object CreateWorkspace() => new Search();

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> piece, EncodingSession session)
    {
        var search = (Search)session.Workspace!;
        var writer = new PieceWriter(piece, _vocabulary, fusesUnknown: true, session);
        int sumStart = 0;
        search.Begin(0, 0);
        for (int at = 0; at < piece.Length;)
        {
            if (at == search.Furthest && at > search.Start)
            {
                // No piece spans this place, so the best way to it is part of the best way to the end.
                Write(search, ref writer);
                bool isNewSum = at - sumStart >= SumBytes;
                sumStart = isNewSum ? at : sumStart;
                search.Begin(at, isNewSum ? 0 : search.ScoreAt(at));
            }

            at += Advance(piece, at, search);
        }

        Write(search, ref writer);
        writer.Flush();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<(int Id, string Name)> others)
    {
        if (_vocabulary.Pieces.Any(piece => piece.Kind == PieceKind.Unused))
            throw new NotSupportedException("tokenizer.json cannot say that a piece is unused.");

        writer.WriteStartObject();
        writer.WriteString("type", "Unigram");
        if (_vocabulary.UnknownId == PieceVocabulary.None)
            writer.WriteNull("unk_id");
        else
            writer.WriteNumber("unk_id", _vocabulary.UnknownId);

        writer.WriteStartArray("vocab");
        foreach (VocabularyPiece piece in _vocabulary.Pieces)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(piece.Text);
            writer.WriteNumberValue((double)piece.Score); // the very float, for readers that calculate with doubles
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("byte_fallback", _vocabulary.FallsBackToBytes);
        writer.WriteEndObject();
    }

    // Considers every piece that begins at a place, and says how long the character there is.
    private int Advance(ReadOnlySpan<byte> text, int at, Search search)
    {
        float score = search.ScoreAt(at);
        int length = PieceVocabulary.CharacterLength(text, at);
        bool isSpelled = false;
        for (int end = at, node = ByteTrie.Root; end < text.Length;)
        {
            node = _trie.Step(node, text[end++]);
            if (node == ByteTrie.None)
                break;

            int id = _trie.ValueAt(node);
            if (id == ByteTrie.None)
                continue;

            search.Consider(end, id, _scores[id] + score);
            isSpelled |= end - at == length;
        }

        if (!isSpelled)
            search.Consider(at + length, ~length, _unknownScore + score);

        return length;
    }

    // The steps of the best way, found from its end.
    private void Write(Search search, ref PieceWriter writer)
    {
        foreach (int step in search.BestWay(_lengths))
        {
            if (step < 0)
                writer.AddUnknown(~step);
            else
                writer.Add(step, _lengths[step]);
        }
    }

    /// <summary>The best ways so far from a place that no piece spans: to each place behind it the last step, and the sum of the scores.</summary>
    private sealed class Search
    {
        private const int NotReached = int.MinValue;

        // At the distance from the start. A step is an id, or ~length of what is unknown.
        private int[] _steps = new int[256];
        private float[] _scores = new float[256];
        private int[] _way = new int[256];

        public int Start { get; private set; }

        /// <summary>The end of the furthest piece.</summary>
        public int Furthest { get; private set; }

        public void Begin(int start, float score)
        {
            Start = Furthest = start;
            _scores[0] = score;
        }

        public float ScoreAt(int place) => _scores[place - Start];

        /// <summary>Notes a step that ends at a place, if none is as good.</summary>
        public void Consider(int place, int step, double score)
        {
            if (place > Furthest)
                Extend(place);

            int i = place - Start;
            if (_steps[i] == NotReached || score > _scores[i])
                (_steps[i], _scores[i]) = (step, (float)score);
        }

        /// <summary>The steps from the start to the furthest place.</summary>
        public ReadOnlySpan<int> BestWay(ReadOnlySpan<int> lengths)
        {
            int first = _way.Length;
            for (int i = Furthest - Start; i > 0;)
            {
                int step = _steps[i];
                _way[--first] = step;
                i -= step < 0 ? ~step : lengths[step];
            }

            return _way.AsSpan(first);
        }

        private void Extend(int place)
        {
            int needed = checked(place - Start + 1);
            if (needed > _steps.Length)
            {
                int size = (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _steps.Length));
                Array.Resize(ref _steps, size);
                Array.Resize(ref _scores, size);
                _way = new int[size];
            }

            _steps.AsSpan(Furthest - Start + 1, place - Furthest).Fill(NotReached);
            Furthest = place;
        }
    }
}
