using System.Text;
using System.Text.Json;
using Inkling.Text;
using Inkling.Text.Normalization;
using Inkling.Text.SentencePiece;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.Subwords;

public sealed class CharacterPairModelTests
{
    [Fact]
    public void Ranks_decide_and_of_equal_ones_the_leftmost()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown(("a", 0), ("b", 0), ("é", 0), ("ab", 0), ("bé", 0), ("aa", 0), ("abé", 0));
        PipelineTokenizer tokenizer = Tokenizer(pieces, [new(2, 3, 5, 0), new(1, 2, 4, 1), new(1, 1, 6, 1), new(1, 5, 7, 2)]);

        Assert.Equal([7], tokenizer.Encode("abé"));
        Assert.Equal("ab•a", Pieces.Show(tokenizer, "aba"));
        Assert.Equal("aa•ab", Pieces.Show(tokenizer, "aaab"));
        Assert.Equal("aa•a", Pieces.Show(tokenizer, "aaa"));
    }

    [Fact]
    public void Every_merge_is_explained()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown(("a", 0), ("b", 0), ("é", 0), ("bé", 0), ("abé", 0));
        ExplainedPiece piece = Assert.Single(Tokenizer(pieces, [new(2, 3, 4, 0), new(1, 4, 5, 1)]).Explain("zabé").Pieces);

        Assert.Equal([new("b", "é", 0), new MergeStep("a", "bé", 1)], piece.Merges);
        Assert.Equal([new(0, 0, 1), new TokenSpan(5, 1, 4)], piece.Tokens);
    }

    [Fact]
    public void What_is_unknown_is_one_token_or_many_or_bytes()
    {
        VocabularyPiece[] pieces = [.. Pieces.WithUnknown(("a", 0), ("aa", 0)), .. Pieces.Bytes];
        Merge[] merges = [new(1, 1, 2, 0)];

        Assert.Equal([2, 0, 1, 0], Tokenizer(pieces, merges).Encode("aaéxay"));
        Assert.Equal([2, 0, 0, 1, 0], Tokenizer(pieces, merges, new CharacterPairOptions { FusesUnknown = false }).Encode("aaéxay"));
        Assert.Equal([2, 3 + 0xC3, 3 + 0xA9, 3 + 'x'], Tokenizer(pieces, merges, fallsBackToBytes: true).Encode("aaéx"));
        Assert.Equal([2, 3 + 0xC3, 3 + 0xC3], Tokenizer(pieces, merges, fallsBackToBytes: true).Encode([.. "aa"u8, 0xC3, 0xC3]));
        Assert.Equal([2, 0], Tokenizer(pieces[..100], merges, fallsBackToBytes: true).Encode("aaéx")); // only some bytes have pieces; x is behind the end too
    }

    [Fact]
    public void A_character_that_cannot_be_spelled_is_a_typed_error_with_its_place()
    {
        VocabularyPiece[] pieces = [new("a", 0, PieceKind.Normal), new("f", 0, PieceKind.Normal), new("i", 0, PieceKind.Normal)];
        CharsMap map = CharsMap.TryRead(Normalization.CharsMapWriter.Write(("ﬁ", "fi"), ("é", "ax")), out _, out _)!;
        var model = new CharacterPairModel(new PieceVocabulary(pieces, fallsBackToBytes: false), [], new CharacterPairOptions());
        PipelineTokenizer tokenizer = Pieces.Tokenizer(model, pieces, new PrecompiledNormalizer(map));

        var error = Assert.Throws<UnknownCharacterException>(() => tokenizer.Encode("aﬁﬁü"));
        Assert.Equal("Character 'ü' U+00FC at byte offset 7, character index 3, is not in the vocabulary of 3 tokens.", error.Message);
        Assert.Equal((7L, 3L, new Rune('ü')), (error.ByteOffset, error.CharacterIndex, error.Character));
        error = Assert.Throws<UnknownCharacterException>(() => tokenizer.EncodeWithOffsets("aﬁé"u8));
        Assert.Equal((4L, 2L, new Rune('é')), (error.ByteOffset, error.CharacterIndex, error.Character)); // it became ax, which has no x
        Assert.Equal((1L, new Rune(0xFFFD)), Assert.Throws<UnknownCharacterException>(() => tokenizer.Encode([(byte)'a', 0xFF])) is var e ? (e.ByteOffset, e.Character) : default);
        Assert.Equal(7, Assert.Throws<UnknownCharacterException>(() => tokenizer.EncodeInParallel("aﬁﬁü"u8.ToArray(), 2)).ByteOffset);
    }

    [Fact]
    public void A_whole_piece_may_count_more_than_its_merges()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown(("a", 0), ("b", 0), ("ab", 0), ("aab", 0));
        Merge[] merges = [new(1, 2, 3, 0)];

        Assert.Equal([1, 3], Tokenizer(pieces, merges).Encode("aab"));
        Assert.Equal([4], Tokenizer(pieces, merges, new CharacterPairOptions { TakesWholePieces = true }).Encode("aab"));
        Assert.Equal([1, 3, 1], Tokenizer(pieces, merges, new CharacterPairOptions { TakesWholePieces = true }).Encode("aaba"));
    }

    [Fact]
    public void Pieces_of_SentencePiece_merge_as_its_loop_merges_them()
    {
        // Among the pieces are user-defined ones, unused ones, and such as hold characters that are no pieces.
        string[] letters = ["a", "b", "c", "é", "▁", "😀", "x"];
        var random = new Random(10);
        for (int round = 0; round < 500; round++)
        {
            VocabularyPiece[] pieces = RandomPieces(random, letters);
            (Merge[] merges, IReadOnlyList<Rune> extra) = PieceMerges.Find(pieces);
            PipelineTokenizer tokenizer = Tokenizer(pieces, merges, new CharacterPairOptions { ExtraCharacters = extra });
            string text = RandomString(random, letters, random.Next(1, 80));

            Assert.Equal(SimpleLoop(pieces, text), tokenizer.Encode(text));
            Assert.Equal(tokenizer.Encode(text), tokenizer.Explain(text).Pieces.SelectMany(piece => piece.Tokens).Select(token => token.Id));
        }
    }

    [Fact]
    public void A_million_characters_take_seconds()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown([("▁", 0), .. Enumerable.Range(1, 16).Select(length => (new string('a', length), (float)-length))]);
        (Merge[] merges, _) = PieceMerges.Find(pieces);
        PipelineTokenizer tokenizer = Tokenizer(pieces, merges);
        foreach (string unit in new[] { "a", "▁", "é", "▁aaaa" })
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            tokenizer.Encode(string.Concat(Enumerable.Repeat(unit, 1_000_000)));
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20); // about one; quadratic work would take hours
        }
    }

    [Fact]
    public void The_model_is_written_as_other_tools_read_it()
    {
        var model = new CharacterPairModel(new PieceVocabulary(Pieces.WithUnknown(("a", 0), ("b", 0), ("ab", 0)), false), [new(1, 2, 3, 0)], new CharacterPairOptions());

        Assert.Equal(
            """
            {"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,"end_of_word_suffix":null,
            "fuse_unk":true,"byte_fallback":false,"ignore_merges":false,"vocab":{"<unk>":0,"a":1,"b":2,"ab":3},"merges":[["a","b"]]}
            """.ReplaceLineEndings(""),
            Write(model));
    }

    [Fact]
    public void What_tokenizer_json_cannot_say_is_refused()
    {
        CharacterPairModel Model(VocabularyPiece[] pieces, params Rune[] extra) =>
            new(new PieceVocabulary(pieces, false), [], new CharacterPairOptions { ExtraCharacters = extra });

        Assert.Equal(
            "tokenizer.json cannot say that a piece is unused.",
            Assert.Throws<NotSupportedException>(() => Write(Model([new("a", 0, PieceKind.Unused)]))).Message);
        Assert.Equal(
            "tokenizer.json cannot merge characters that are not in the vocabulary.",
            Assert.Throws<NotSupportedException>(() => Write(Model([], new Rune('x')))).Message);
    }

    private static PipelineTokenizer Tokenizer(VocabularyPiece[] pieces, Merge[] merges, CharacterPairOptions? options = null, bool fallsBackToBytes = false) =>
        Pieces.Tokenizer(new CharacterPairModel(new PieceVocabulary(pieces, fallsBackToBytes), merges, options ?? new CharacterPairOptions()), pieces);

    private static string Write(CharacterPairModel model)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            model.Write(writer, []);

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static VocabularyPiece[] RandomPieces(Random random, string[] letters)
    {
        string[] texts = [.. Enumerable.Range(0, random.Next(3, 60)).Select(_ => RandomString(random, letters, random.Next(1, 5))).Distinct()];
        return
        [
            new("<unk>", 0, PieceKind.Unknown),
            .. texts.Select((text, i) => new VocabularyPiece(
                text, random.Next(4) == 0 ? -1 : -i, random.Next(12) switch { 0 => PieceKind.UserDefined, 1 => PieceKind.Unused, _ => PieceKind.Normal })),
        ];
    }

    private static string RandomString(Random random, string[] letters, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => letters[random.Next(letters.Length)]));

    // Merges by spelling, as the file of SentencePiece means it: looks at all neighbours again for each merge.
    private static List<int> SimpleLoop(VocabularyPiece[] pieces, string text)
    {
        Dictionary<string, int> ids = pieces.Select((piece, id) => (piece, id)).Where(pair => pair.piece.IsText).ToDictionary(pair => pair.piece.Text, pair => pair.id);
        string[] userDefined = [.. pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text).OrderByDescending(piece => piece.Length)];
        var symbols = new List<(string Text, bool IsFrozen)>();
        var parts = new Dictionary<string, (string, string)>();
        for (int at = 0; at < text.Length; at += symbols[^1].Text.Length)
        {
            string? whole = Array.Find(userDefined, piece => text.AsSpan(at).StartsWith(piece, StringComparison.Ordinal));
            symbols.Add((whole ?? Rune.GetRuneAt(text, at).ToString(), whole is not null));
        }

        while (true)
        {
            var candidates = Enumerable.Range(0, symbols.Count - 1)
                .Where(i => !symbols[i].IsFrozen && !symbols[i + 1].IsFrozen && ids.ContainsKey(symbols[i].Text + symbols[i + 1].Text))
                .OrderByDescending(i => pieces[ids[symbols[i].Text + symbols[i + 1].Text]].Score).ThenBy(i => i).ToArray();
            if (candidates.Length == 0)
                break;

            (string left, string right) = (symbols[candidates[0]].Text, symbols[candidates[0] + 1].Text);
            parts[left + right] = (left, right);
            symbols[candidates[0]] = (left + right, false);
            symbols.RemoveAt(candidates[0] + 1);
        }

        var found = new List<int>();
        foreach ((string symbol, _) in symbols)
            Add(symbol);

        return found;

        void Add(string symbol)
        {
            int id = ids.GetValueOrDefault(symbol, 0);
            if (pieces[id].Kind == PieceKind.Unused && parts.TryGetValue(symbol, out (string Left, string Right) both))
            {
                Add(both.Left);
                Add(both.Right);
            }
            else if (id != 0 || found.Count == 0 || found[^1] != 0)
            {
                found.Add(id);
            }
        }
    }
}
