using System.Text;
using System.Text.Json;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.Subwords;

public sealed class UnigramModelTests
{
    private const string Alphabet = "abcé▁😀";

    [Fact]
    public void The_pieces_with_the_greatest_sum_are_taken()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown(("a", -1), ("b", -2), ("ab", -2.5f), ("abc", -9), ("c", -3), ("bc", -4));
        PipelineTokenizer tokenizer = Tokenizer(pieces);

        Assert.Equal([1, 6], tokenizer.Encode("abc")); // a·bc has -5, ab·c -5.5, a·b·c -6, abc -9
    }

    [Fact]
    public void Of_equal_sums_the_one_found_first_counts()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown(("a", -1), ("aa", -2), ("aaa", -3));

        Assert.Equal([3], Tokenizer(pieces).Encode("aaa"));
        Assert.Equal([1, 3, 3], Tokenizer(pieces).Encode("aaaaaaa"));
    }

    [Fact]
    public void Unknown_characters_side_by_side_are_one_token()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown(("a", -1), ("ab", -2));
        PipelineTokenizer tokenizer = Tokenizer(pieces);

        Assert.Equal([0, 2, 0, 1], tokenizer.Encode("éxabyéa"));
        Assert.Equal("éx•ab•yé•a", Pieces.Show(tokenizer, "éxabyéa"));
        Assert.Equal([1, 0], tokenizer.Encode([(byte)'a', 0xFF, 0xC3, 0xE2, 0x82]));
    }

    [Fact]
    public void Unknown_characters_are_spelled_as_bytes_where_there_are_those()
    {
        VocabularyPiece[] pieces = [.. Pieces.WithUnknown(("a", -1)), .. Pieces.Bytes];
        PipelineTokenizer tokenizer = Tokenizer(pieces, fallsBackToBytes: true);

        Assert.Equal([1, 2 + 0xC3, 2 + 0xA9, 2 + 'x', 2 + 0xFF, 1], tokenizer.Encode([.. "aéx"u8, 0xFF, (byte)'a']));
        Assert.Equal([1, 0], Tokenizer(pieces, fallsBackToBytes: false).Encode("aéx"));
        Assert.Equal([0], tokenizer.Encode("<0x41>").Select(id => id == 2 + 0x41 ? 1 : 0).Distinct()); // the name of a byte is just text
    }

    [Fact]
    public void User_defined_pieces_win_and_unused_and_control_pieces_are_never_taken()
    {
        VocabularyPiece[] pieces =
        [
            .. Pieces.WithUnknown(("a", -1), ("b", -1), ("abab", -0.5f)), new("ba", -50, PieceKind.UserDefined), new("ab", 0, PieceKind.Unused), new("aa", 0, PieceKind.Control),
        ];
        PipelineTokenizer tokenizer = Tokenizer(pieces);

        Assert.Equal([1, 2], tokenizer.Encode("ab"));
        Assert.Equal([1, 1], tokenizer.Encode("aa"));
        Assert.Equal([4, 4], tokenizer.Encode("baba"));
        Assert.Equal([3], tokenizer.Encode("abab")); // -0.5, where a·ba·b has -2.1
    }

    [Fact]
    public void Sums_are_those_of_every_way_tried()
    {
        var random = new Random(7);
        for (int round = 0; round < 400; round++)
        {
            VocabularyPiece[] pieces = RandomPieces(random, out string[] letters);
            PipelineTokenizer tokenizer = Tokenizer(pieces);
            string text = RandomString(random, letters, random.Next(1, 9));
            double best = Ways(pieces, text).Max();
            double found = Split(tokenizer, text).Sum(part => ScoreOf(pieces, part));
            Assert.Equal(best, found, 1e-4);
        }
    }

    [Fact]
    public void Ids_are_those_of_the_search_as_it_is_written_down()
    {
        var random = new Random(8);
        for (int round = 0; round < 300; round++)
        {
            VocabularyPiece[] pieces = RandomPieces(random, out string[] letters);
            string text = RandomString(random, letters, random.Next(1, 300));

            Assert.Equal(SimpleSearch(pieces, text), Tokenizer(pieces).Encode(text));
        }
    }

    [Fact]
    public void A_text_that_is_cut_nowhere_keeps_its_sums()
    {
        // Pieces aa and aaa span every place, so nothing may be decided before the end, however far that is.
        VocabularyPiece[] pieces = Pieces.WithUnknown(("a", -3.1f), ("aa", -4.7f), ("aaa", -6.9f));
        string text = new('a', 200_000);

        Assert.Equal(SimpleSearch(pieces, text), Tokenizer(pieces).Encode(text));
    }

    [Fact]
    public void A_long_text_is_cut_as_its_words_are()
    {
        var random = new Random(9);
        VocabularyPiece[] pieces = [.. RandomPieces(random, out _).Where(piece => !piece.Text[1..].Contains('▁'))
            .Select(piece => piece with { Score = MathF.Round(piece.Score * 8) / 8 })];
        PipelineTokenizer tokenizer = Tokenizer(pieces);
        string[] words = [.. Enumerable.Range(0, 60_000).Select(_ => $"▁{RandomString(random, ["a", "b", "c", "é"], random.Next(1, 8))}")];

        // With eighths no sum of less than the 64 KiB after which a new one begins is rounded, so ties are ties wherever they stand.
        Assert.Equal(words.SelectMany(word => tokenizer.Encode(word)), tokenizer.Encode(string.Concat(words)));
    }

    [Fact]
    public void A_million_repetitions_take_seconds()
    {
        VocabularyPiece[] pieces = Pieces.WithUnknown([.. Enumerable.Range(1, 16).Select(length => (new string('a', length), (float)-length)), ("▁", -1f)]);
        PipelineTokenizer tokenizer = Tokenizer(pieces);
        foreach (string unit in new[] { "a", "▁", "é", "▁aaaa" })
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            string text = string.Concat(Enumerable.Repeat(unit, 1_000_000));
            int[] ids = tokenizer.Encode(text);
            Assert.Equal(unit == "é" ? 1 : unit == "a" ? 62_500 : unit.Length == 1 ? 1_000_000 : 2_000_000, ids.Length);
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20); // about one; quadratic work would take hours
        }
    }

    [Fact]
    public void The_model_is_written_as_other_tools_read_it()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            new UnigramModel(new PieceVocabulary(Pieces.WithUnknown(("▁a", -1.5f)), fallsBackToBytes: false)).Write(writer, []);

        Assert.Equal("""{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["▁a",-1.5]],"byte_fallback":false}""", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void What_tokenizer_json_cannot_say_is_refused()
    {
        using var writer = new Utf8JsonWriter(new MemoryStream());
        var model = new UnigramModel(new PieceVocabulary([.. Pieces.WithUnknown(), new("a", 0, PieceKind.Unused)], fallsBackToBytes: false));

        Assert.Equal("tokenizer.json cannot say that a piece is unused.", Assert.Throws<NotSupportedException>(() => model.Write(writer, [])).Message);
    }

    private static PipelineTokenizer Tokenizer(VocabularyPiece[] pieces, bool fallsBackToBytes = false) =>
        Pieces.Tokenizer(new UnigramModel(new PieceVocabulary(pieces, fallsBackToBytes)), pieces);

    private static VocabularyPiece[] RandomPieces(Random random, out string[] letters)
    {
        string[] all = letters = [.. Alphabet.EnumerateRunes().Select(rune => rune.ToString())];
        IEnumerable<string> texts = Enumerable.Range(0, random.Next(3, 40)).Select(_ => RandomString(random, all, random.Next(1, 5))).Append("▁").Distinct();
        return Pieces.WithUnknown([.. texts.Select(text => (text, (float)(-random.NextDouble() * 10)))]);
    }

    private static string RandomString(Random random, string[] letters, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => letters[random.Next(letters.Length)]));

    // The parts that tokens stand for; unknown ones character by character.
    private static IEnumerable<string> Split(PipelineTokenizer tokenizer, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        foreach (TokenSpan span in tokenizer.EncodeWithOffsets(utf8))
        {
            string part = Encoding.UTF8.GetString(utf8, span.Start, span.Length);
            foreach (string one in span.Id == 0 ? part.EnumerateRunes().Select(rune => rune.ToString()) : [part])
                yield return one;
        }
    }

    private static double ScoreOf(VocabularyPiece[] pieces, string part)
    {
        int id = Array.FindIndex(pieces, piece => piece.Kind == PieceKind.Normal && piece.Text == part);
        return id < 0 ? pieces.Where(piece => piece.Kind == PieceKind.Normal).Min(piece => piece.Score) - 10 : pieces[id].Score;
    }

    private static IEnumerable<double> Ways(VocabularyPiece[] pieces, string text)
    {
        if (text.Length == 0)
            return [0];

        int first = Rune.GetRuneAt(text, 0).Utf16SequenceLength;
        return Enumerable.Range(1, text.Length)
            .Where(length => length == first || pieces.Any(piece => piece.Kind == PieceKind.Normal && piece.Text == text[..length]))
            .SelectMany(length => Ways(pieces, text[length..]).Select(rest => ScoreOf(pieces, text[..length]) + rest));
    }

    // Every place of the text in order, every piece there. Sums are kept as floats, and compared before they are rounded.
    private static List<int> SimpleSearch(VocabularyPiece[] pieces, string text)
    {
        var ids = pieces.Select((piece, id) => (piece, id)).Where(pair => pair.piece.Kind == PieceKind.Normal).ToDictionary(pair => pair.piece.Text, pair => pair.id);
        float unknown = ids.Values.Min(id => pieces[id].Score) - 10;
        int longest = ids.Keys.Max(key => key.Length);
        var best = new (float Score, int Start, int Id)[text.Length + 1];
        Array.Fill(best, (0, -1, 0), 1, text.Length);
        for (int at = 0, first; at < text.Length; at += first)
        {
            first = Rune.GetRuneAt(text, at).Utf16SequenceLength;
            for (int length = 1; length <= Math.Min(longest, text.Length - at); length++)
            {
                if (ids.TryGetValue(text.Substring(at, length), out int id))
                    Consider(at + length, at, id, (double)best[at].Score + pieces[id].Score);
            }

            if (!ids.ContainsKey(text.Substring(at, first)))
                Consider(at + first, at, 0, best[at].Score + unknown);
        }

        var found = new List<int>();
        for (int end = text.Length; end > 0; end = best[end].Start)
        {
            if (found.Count == 0 || best[end].Id != 0 || found[^1] != 0)
                found.Add(best[end].Id);
        }

        found.Reverse();
        return found;

        void Consider(int end, int start, int id, double score)
        {
            if (best[end].Start < 0 || score > best[end].Score)
                best[end] = ((float)score, start, id);
        }
    }
}
