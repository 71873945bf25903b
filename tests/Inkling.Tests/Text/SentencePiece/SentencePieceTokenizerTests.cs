using System.Text;
using Inkling.Tests.Text.Subwords;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.SentencePiece;

public sealed class SentencePieceTokenizerTests
{
    private const int Unigram = 1, Bpe = 2, Character = 4;

    // Ids from 3 on.
    private static readonly VocabularyPiece[] Words =
    [
        new("▁", -2, PieceKind.Normal), new("▁a", -1, PieceKind.Normal), new("b", -3, PieceKind.Normal), new("a", -4, PieceKind.Normal), new("▁▁", -1, PieceKind.Normal),
    ];

    [Theory]
    [InlineData(Unigram)]
    [InlineData(Bpe)]
    [InlineData(Character)]
    public void Special_tokens_are_text_unless_the_caller_allows_them(int type)
    {
        PipelineTokenizer tokenizer = Load(ModelWriter.Model(type, Words));

        Assert.DoesNotContain(1, tokenizer.Encode("a<s>b"));
        Assert.Equal(["<s>", "</s>"], tokenizer.AddedTokens.Select(token => token.Content));
        Assert.Contains(2, tokenizer.Encode("a</s>b", SpecialTokenUse.Recognize));
        Assert.Equal([1, .. tokenizer.Encode("ab")], tokenizer.Encode("ab", SpecialTokenUse.Add));
        Assert.Equal([1], tokenizer.Encode("", SpecialTokenUse.Add));
        Assert.Equal([], tokenizer.Encode("   "));
    }

    [Fact]
    public void What_stands_between_special_tokens_is_a_text_of_its_own()
    {
        PipelineTokenizer tokenizer = Load(ModelWriter.Model(Unigram, Words));

        Assert.Equal([4, 2, 4, 5], tokenizer.Encode(" a  </s>ab", SpecialTokenUse.Recognize));
        Assert.Equal([new(4, 1, 1), new(2, 4, 4), new(4, 8, 1), new TokenSpan(5, 9, 1)], tokenizer.EncodeWithOffsets(" a  </s>ab"u8, SpecialTokenUse.Recognize));
        Assert.Equal("a ab", tokenizer.Decode([4, 2, 4, 5]));
    }

    [Fact]
    public void A_model_without_a_beginning_has_an_end()
    {
        VocabularyPiece[] pieces = [new("<pad>", 0, PieceKind.Control), new("</s>", 0, PieceKind.Control), new("<unk>", 0, PieceKind.Unknown), .. Words];
        PipelineTokenizer tokenizer = Load(ModelWriter.Exact(pieces, new ModelWriter().Number(3, Unigram).ToArray()));

        Assert.Equal([4, 1], tokenizer.Encode("a", SpecialTokenUse.Add));
        Assert.Equal(new TokenSpan(1, 1, 0), tokenizer.EncodeWithOffsets("a"u8, SpecialTokenUse.Add)[^1]);
    }

    [Fact]
    public void The_beginning_and_the_end_may_have_other_names()
    {
        VocabularyPiece[] pieces = [new("<unk>", 0, PieceKind.Unknown), new("<s>", 0, PieceKind.Control), new("[B]", 0, PieceKind.Control), .. Words];
        byte[] trainer = new ModelWriter().Bytes(46, "[B]"u8.ToArray()).Bytes(47, "[E]"u8.ToArray()).ToArray();

        Assert.Equal([2, 4], Load(ModelWriter.Exact(pieces, trainer)).Encode("a", SpecialTokenUse.Add));
        Assert.Equal([4], Load(ModelWriter.Exact([pieces[0], new("[B]", 0, PieceKind.Normal), new("x", 0, PieceKind.Normal), .. Words], trainer)).Encode("a", SpecialTokenUse.Add));
    }

    [Fact]
    public void Tokens_know_their_place_in_the_text()
    {
        PipelineTokenizer tokenizer = Load(ModelWriter.Model(Bpe, Words));

        Assert.Equal([new(4, 2, 1), new(5, 3, 1), new(4, 4, 2), new(0, 6, 2), new TokenSpan(5, 8, 1)], tokenizer.EncodeWithOffsets("  ab aéb "u8));
        EncodingExplanation explanation = tokenizer.Explain("ab");
        Assert.Equal("▁ab", explanation.Normalized);
        Assert.Equal([new MergeStep("▁", "a", 0)], explanation.Pieces[0].Merges);
    }

    [Theory]
    [InlineData(true, true, "a b", 4, 3, 5)] // the space before the text goes
    [InlineData(true, true, "a", 3, 4)] // and of every token that leaves nothing behind
    [InlineData(true, false, " a", 3, 4)] // but without tidying only the first loses one
    [InlineData(true, true, "  a", 7, 4)] // one space for each token
    [InlineData(false, true, "a", 4)] // tidying alone takes it away too
    [InlineData(false, false, " a", 4)]
    [InlineData(true, true, " ⁇  a", 0, 4)] // what the unknown token shows stays as it is
    [InlineData(true, true, "a", 1, 4, 2)] // control pieces are invisible
    [InlineData(true, true, "", 1)]
    [InlineData(true, true, "b a", 5, 4)]
    public void Decoding_takes_away_what_encoding_put_before_the_text(bool addsPrefix, bool tidies, string expected, params int[] ids)
    {
        PipelineTokenizer tokenizer = Load(ModelWriter.Model(Unigram, Words, normalizer: new ModelWriter().Flag(3, addsPrefix).Flag(4, tidies).ToArray()));
        TokenDecoder decoder = tokenizer.CreateDecoder();

        Assert.Equal(expected, tokenizer.Decode(ids));
        Assert.Equal(expected, string.Concat(ids.Select(id => decoder.Append(id))) + decoder.Flush());
        Assert.Equal(expected, tokenizer.CreateDecoder().Append(ids));
    }

    [Fact]
    public void Bytes_join_to_characters()
    {
        byte[] trainer = new ModelWriter().Flag(35, true).Bytes(44, "?"u8.ToArray()).ToArray();
        PipelineTokenizer tokenizer = Load(ModelWriter.Model(Unigram, [.. Words, .. Pieces.Bytes], trainer));
        int[] ids = tokenizer.Encode("a😀 b");

        Assert.Equal([4, 8 + 0xF0, 8 + 0x9F, 8 + 0x98, 8 + 0x80, 3, 5], ids);
        Assert.Equal("a😀 b", tokenizer.Decode(ids));
        Assert.Equal(" a", tokenizer.Decode([8 + ' ', 6])); // a space that is spelled as a byte is nobody's but the text's
        Assert.Equal("?", tokenizer.Decode([0]));
    }

    [Fact]
    public void A_space_that_is_not_written_as_one_of_SentencePiece_stays()
    {
        PipelineTokenizer tokenizer = Load(ModelWriter.Model(Unigram, [.. Words, new(" x", 0, PieceKind.UserDefined)]));

        Assert.Equal(" x a", tokenizer.Decode([8, 4]));
    }

    [Fact]
    public void A_control_piece_of_one_character_is_never_made_of_text()
    {
        foreach (int type in new[] { Unigram, Bpe, Character })
            Assert.Equal([4, 0], Load(ModelWriter.Model(type, [.. Words, new("!", 0, PieceKind.Control)])).Encode("a!").Select(id => id is 3 or 6 ? 4 : id).Distinct());
    }

    [Fact]
    public void Steady_encoding_allocates_nothing_but_its_result()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ab aéa  bab a", 200)));
        foreach (int type in new[] { Unigram, Bpe, Character })
        {
            PipelineTokenizer tokenizer = Load(ModelWriter.Model(type, Words));
            int count = tokenizer.Encode(text).Length;
            long least = Enumerable.Range(0, 20).Min(_ =>
            {
                // The least of several: now and then the runtime allocates for itself.
                long before = GC.GetAllocatedBytesForCurrentThread();
                tokenizer.Encode(text);
                return GC.GetAllocatedBytesForCurrentThread() - before;
            });
            Assert.InRange(least, 1, (sizeof(int) * count) + 64);
        }
    }

    private static PipelineTokenizer Load(byte[] file) => SentencePieceTokenizer.Load(new MemoryStream(file));
}
