using System.Diagnostics;
using Inkling.Tests.Text.Normalization;
using Inkling.Tests.Text.Subwords;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.SentencePiece;

public sealed class SentencePieceFileTests
{
    private const int Unigram = 1, Bpe = 2, Word = 3;

    private static readonly byte[] Trainer = new ModelWriter().Number(3, Unigram).ToArray();
    private static readonly VocabularyPiece Unknown = new("<unk>", 0, PieceKind.Unknown);
    private static readonly VocabularyPiece[] Words = [new("▁", -2, PieceKind.Normal), new("▁a", -1, PieceKind.Normal), new("b", -3.5f, PieceKind.Normal)];

    [Fact]
    public void A_model_of_a_few_pieces_is_read()
    {
        PipelineTokenizer tokenizer = Load(ModelWriter.Model(Unigram, Words));

        Assert.Equal(6, tokenizer.VocabularySize);
        Assert.Equal([4, 5, 3, 5], tokenizer.Encode("ab b"));
    }

    [Fact]
    public void Unknown_fields_of_every_kind_are_passed_over_and_the_last_of_equal_ones_counts()
    {
        byte[] trainer = new ModelWriter().Number(3, Word).Number(99, -1).Float(300, 1).Bytes(301, [1, 2]).Tag(302, 1).Raw(1, 2, 3, 4, 5, 6, 7, 8).Number(3, Unigram).ToArray();
        byte[] model = [.. ModelWriter.Exact([Unknown, .. Words], trainer), .. new ModelWriter().Bytes(4, [0xFF]).Bytes(5, [0xFF]).Number(200, 1).ToArray()];

        Assert.Equal([2, 3], Load(model).Encode("ab"));
    }

    public static TheoryData<string, byte[], string> Malformed { get; } = new()
    {
        { "nothing", [], "byte 0: there is no trainer_spec; the file may have been cut short" },
        { "only pieces", new ModelWriter().Bytes(1, ModelWriter.Piece("<unk>", 0, PieceKind.Unknown)).ToArray(), "byte 16: there is no trainer_spec; the file may have been cut short" },
        { "no normalizer", new ModelWriter().Bytes(2, Trainer).ToArray(), "byte 4: there is no normalizer_spec; the file may have been cut short" },
        { "text", "<html></html>"u8.ToArray(), "byte 0: field 7 has wire type 4; 0, 1, 2 and 5 are known" },
        { "a tag of zero", [0, 0], "byte 0: 0 is not the tag of a field" },
        { "a tag of 36 bits", [0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "byte 0: 68719476728 is not the tag of a field" },
        { "a varint of 11 bytes", [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "byte 1: a number has more than 64 bits" },
        { "a varint of 70 bits", [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], "byte 1: a number has more than 64 bits" },
        { "a varint cut short", [0x30, 0xFF], "byte 1: a number is cut short" },
        { "a length beyond the end", [0x0A, 0x05, 0x0A], "byte 1: field 1 claims 5 bytes, and 1 are left" },
        { "a length of 2^64 - 1", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "byte 1: field 1 claims 18446744073709551615 bytes, and 0 are left" },
        { "an inner length beyond the piece", [0x0A, 0x02, 0x0A, 0x05, 0x61, 0x61], "byte 3: field 1 claims 5 bytes, and 0 are left" },
        { "a group", [0x33, 0x34], "byte 0: field 6 has wire type 3; 0, 1, 2 and 5 are known" },
        { "wire type 7", [0x37], "byte 0: field 6 has wire type 7; 0, 1, 2 and 5 are known" },
        { "a fixed number cut short", [0x31, 1, 2, 3], "byte 1: field 6 needs 8 bytes, and 3 are left" },
        { "a piece that is a number", [0x08, 0x01], "byte 0: field 1 has wire type 0, not 2" },
        { "a score that is a number", [0x0A, 0x02, 0x10, 0x01], "byte 2: field 2 has wire type 0, not 5" },
        { "a type that is a string", [0x0A, 0x02, 0x1A, 0x00], "byte 2: field 3 has wire type 2, not 0" },
        { "an empty piece", With(new VocabularyPiece("", 0, PieceKind.Normal)), "byte 18: piece 1 is empty" },
        { "a piece twice", With(new VocabularyPiece("a", 0, PieceKind.Normal), new("a", 0, PieceKind.Control)), "byte 30: piece 2 is the same as piece 1" },
        { "two unknown pieces", With(new VocabularyPiece("a", 0, PieceKind.Unknown)), "byte 18: piece 1 is a second unknown piece after 0" },
        { "no unknown piece", ModelWriter.Exact([new("a", 0, PieceKind.Normal)], Trainer), "byte 18: no piece is the unknown one" },
        { "a zero byte in a piece", With(new VocabularyPiece("a\0b", 0, PieceKind.Normal)), "byte 20: a piece holds a zero byte" },
        { "a piece that is not UTF-8", Raw(new ModelWriter().Bytes(1, [0xFF]).ToArray()), "byte 4: a piece is not UTF-8" },
        { "a piece of a million bytes", With(new VocabularyPiece(new string('a', 1 << 20), 0, PieceKind.Normal)), "byte 24: a piece has 1048576 bytes; 1024 are the most" },
        { "a type of piece", Raw(new ModelWriter().Bytes(1, "a"u8.ToArray()).Number(3, 7).ToArray()), "byte 2: a piece has type 7; 1 to 6 are known" },
        { "a score of NaN", With(new VocabularyPiece("a", float.NaN, PieceKind.Normal)), "byte 21: field 2 is NaN, not a finite number" },
        { "an infinite score", With(new VocabularyPiece("a", float.NegativeInfinity, PieceKind.Normal)), "byte 21: field 2 is -Infinity, not a finite number" },
        { "bytes without fallback", With([.. Pieces.Bytes]), "byte 4374: there are 256 byte pieces, and byte_fallback is false, which needs none" },
        { "fallback without bytes", ModelWriter.Exact([Unknown], new ModelWriter().Flag(35, true).ToArray()), "byte 23: there are 0 byte pieces, and byte_fallback is true, which needs 256" },
        { "a byte that is none", With(new VocabularyPiece("<0x1G>", 0, PieceKind.Byte)), "byte 18: piece 1 is a byte, but not written like <0x0A>" },
        { "a lower-case byte", With(new VocabularyPiece("<0xab>", 0, PieceKind.Byte)), "byte 18: piece 1 is a byte, but not written like <0x0A>" },
        { "a model of words", ModelWriter.Exact([Unknown], new ModelWriter().Number(3, Word).ToArray()), "byte 22: the model has type 3 (word); 1 (unigram), 2 (bpe) and 4 (char) can be read" },
        { "a model of type 2^32 + 1", ModelWriter.Exact([Unknown], new ModelWriter().Number(3, (1L << 32) + 1).ToArray()), "byte 26: the model has type 4294967297; 1 (unigram), 2 (bpe) and 4 (char) can be read" },
        { "a damaged charsmap", ModelWriter.Exact([], Trainer, new ModelWriter().Bytes(2, [9, 0, 0, 0, 1]).ToArray()), "byte 8: the trie of the replacements claims 9 bytes; it needs a positive multiple of 4, and 1 are left" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_malformed_is_refused_with_its_place(string what, byte[] file, string problem)
    {
        var error = Assert.Throws<TokenizerFormatException>(() => Load(file));

        Assert.Equal($"SentencePiece model, {problem}", error.Message);
        Assert.True(error.Message.StartsWith($"SentencePiece model, {error.Location}: ", StringComparison.Ordinal), what);
    }

    [Fact]
    public void A_file_of_ten_million_empty_pieces_is_refused_at_the_first()
    {
        var watch = Stopwatch.StartNew();
        byte[] file = new byte[20_000_000];
        for (int i = 0; i < file.Length; i += 2)
            file[i] = 0x0A;

        Assert.Equal("SentencePiece model, byte 2: piece 0 is empty", Assert.Throws<TokenizerFormatException>(() => Load(file)).Message);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void A_file_without_end_is_refused() =>
        Assert.Equal(
            "SentencePiece model, byte 33554432: longer than 33554432 bytes, the most there may be",
            Assert.Throws<TokenizerFormatException>(() => SentencePieceTokenizer.Load(new EndlessStream())).Message);

    [Fact]
    public void Messages_nested_ten_thousand_deep_do_not_exhaust_the_stack()
    {
        byte[] nested = [];
        for (int i = 0; i < 10_000; i++)
            nested = new ModelWriter().Bytes(1, nested).ToArray();

        Assert.Equal("a piece has", Assert.Throws<TokenizerFormatException>(() => Load(nested)).Message.Split(": ")[1][..11]);
        Assert.Equal([2], Load(ModelWriter.Exact([Unknown, .. Words], [.. Trainer, .. new ModelWriter().Bytes(500, nested).ToArray()])).Encode("a"));
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        byte[] file = ModelWriter.Model(Bpe, Words, normalizer: new ModelWriter().Bytes(2, CharsMapWriter.Write(("a", "b"))).ToArray());
        for (int length = 0; length < file.Length; length += length < 200 || length > file.Length - 50 ? 1 : 97)
            Assert.Throws<TokenizerFormatException>(() => Load(file[..length]));
    }

    private static byte[] With(params VocabularyPiece[] pieces) => ModelWriter.Exact([Unknown, .. pieces], Trainer);

    private static byte[] Raw(byte[] piece) => new ModelWriter().Bytes(1, piece).ToArray();

    private static PipelineTokenizer Load(byte[] file) => SentencePieceTokenizer.Load(new MemoryStream(file));

    private sealed class EndlessStream : MemoryStream
    {
        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'0');
            return buffer.Length;
        }
    }
}
