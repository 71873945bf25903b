using System.Text;
using Inkling.Text;

namespace Inkling.Tests.Text;

public sealed class CharacterTokenizerTests
{
    private static readonly CharacterTokenizer Hello = CharacterTokenizer.Train("Hello"u8);

    [Fact]
    public void Hello_becomes_0_1_2_2_3()
    {
        Assert.Equal(4, Hello.VocabularySize);
        Assert.Equal([0, 1, 2, 2, 3], Hello.Encode("Hello"));
        Assert.Equal([0, 1, 2, 2, 3], Hello.Encode("Hello"u8));
        Assert.Equal("Hello", Hello.Decode([0, 1, 2, 2, 3]));
    }

    [Fact]
    public void Ids_follow_the_code_points_and_not_the_UTF_16_units()
    {
        // As UTF-16, U+1F600 begins with 0xD83D and would sort before U+FF01.
        CharacterTokenizer tokenizer = CharacterTokenizer.Train("\U0001F600！éa\n"u8);

        Assert.Equal([0, 1, 2, 3, 4], tokenizer.Encode("\naé！\U0001F600"));
    }

    [Fact]
    public void Nothing_encodes_to_nothing()
    {
        Assert.Empty(Hello.Encode(""));
        Assert.Equal("", Hello.Decode([]));
    }

    [Fact]
    public void A_byte_order_mark_is_a_character_like_others() =>
        Assert.Equal([1, 0], CharacterTokenizer.Train([0xEF, 0xBB, 0xBF, (byte)'a']).Encode([0xEF, 0xBB, 0xBF, (byte)'a']));

    [Fact]
    public void Byte_lengths_are_those_of_UTF_8()
    {
        CharacterTokenizer tokenizer = CharacterTokenizer.Train("aé！\U0001F600"u8);

        Assert.Equal([1, 2, 3, 4], Enumerable.Range(0, 4).Select(id => tokenizer.BytesOf(id).Length));
        Assert.Equal(12, tokenizer.CountBytes([3, 0, 2, 3]));
        Assert.Equal([0xC3, 0xA9], tokenizer.BytesOf(1).ToArray());
    }

    [Fact]
    public void Every_text_comes_back_from_its_own_vocabulary() =>
        Law.Holds(RandomText.Strings, text =>
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            CharacterTokenizer tokenizer = CharacterTokenizer.Train(utf8);
            int[] ids = tokenizer.Encode(text);
            return tokenizer.Decode(ids) == text
                && tokenizer.DecodeBytes(ids).SequenceEqual(utf8)
                && tokenizer.CountBytes(ids) == utf8.Length
                && tokenizer.Encode(utf8).SequenceEqual(ids)
                && ids.Length == text.EnumerateRunes().Count()
                && ids.Distinct().Count() == tokenizer.VocabularySize;
        });

    /// <summary>Longer than a piece, with characters of two and four bytes on its edge.</summary>
    [Fact]
    public void Pieces_make_the_whole()
    {
        string text = string.Concat(Enumerable.Repeat("aé\U0001F600", 1_000));
        var tokenizer = CharacterTokenizer.Train(Encoding.UTF8.GetBytes(text));
        var joined = new List<int>();
        var error = Assert.Throws<UnknownCharacterException>(
            () => tokenizer.Encode(Encoding.UTF8.GetBytes(text + "x"), piece => joined.AddRange(piece)));

        Assert.Equal((7_000, 3_000), (error.ByteOffset, error.CharacterIndex));
        Assert.Equal(tokenizer.Encode(text)[..joined.Count], joined);
        joined.Clear();
        tokenizer.Encode(Encoding.UTF8.GetBytes(text), piece => joined.AddRange(piece));
        Assert.Equal(tokenizer.Encode(text), joined);
    }

    [Fact]
    public void A_vocabulary_needs_a_text()
    {
        var error = Assert.Throws<ArgumentException>(() => CharacterTokenizer.Train([]));
        Assert.Equal("A vocabulary needs at least one character, but the text is empty. (Parameter 'utf8')", error.Message);
    }

    [Theory]
    [InlineData("Hé", "'é' U+00E9 at byte offset 1, character index 1", 0xE9, 1, 1)]
    [InlineData("lol \U0001F600", "' ' U+0020 at byte offset 3, character index 3", 0x20, 3, 3)]
    [InlineData("H\n", "U+000A at byte offset 1, character index 1", 0x0A, 1, 1)]
    [InlineData("H\u0301", "U+0301 at byte offset 1, character index 1", 0x301, 1, 1)]
    [InlineData("\U0001F600", "'\U0001F600' U+1F600 at byte offset 0, character index 0", 0x1F600, 0, 0)]
    public void An_unknown_character_is_named_with_its_place(string text, string expected, int codePoint, int byteOffset, int characterIndex)
    {
        var error = Assert.Throws<UnknownCharacterException>(() => Hello.Encode(text));

        Assert.Equal($"Character {expected}, is not in the vocabulary of 4 tokens.", error.Message);
        Assert.Equal(new Rune(codePoint), error.Character);
        Assert.Equal(byteOffset, error.ByteOffset);
        Assert.Equal(characterIndex, error.CharacterIndex);
    }

    [Fact]
    public void Bytes_and_characters_are_counted_apart()
    {
        var error = Assert.Throws<UnknownCharacterException>(() => CharacterTokenizer.Train("é\U0001F600"u8).Encode("éé\U0001F600x"));

        Assert.Equal(8, error.ByteOffset);
        Assert.Equal(3, error.CharacterIndex);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'H', 0xFF, (byte)'e' }, "Byte 0xFF at offset 1 is not valid UTF-8.")]
    [InlineData(new byte[] { (byte)'H', (byte)'e', 0xC3 }, "Byte 0xC3 at offset 2 is not valid UTF-8.")]
    [InlineData(new byte[] { 0x80 }, "Byte 0x80 at offset 0 is not valid UTF-8.")]
    [InlineData(new byte[] { 0xC0, 0x80 }, "Byte 0xC0 at offset 0 is not valid UTF-8.")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "Byte 0xED at offset 0 is not valid UTF-8.")]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 }, "Byte 0xF4 at offset 0 is not valid UTF-8.")]
    public void What_is_not_UTF_8_is_refused_with_its_offset(byte[] text, string message)
    {
        Assert.Equal(message, Assert.Throws<InvalidTextException>(() => Hello.Encode(text)).Message);
        Assert.Equal(message, Assert.Throws<InvalidTextException>(() => CharacterTokenizer.Train(text)).Message);
    }

    [Fact]
    public void Random_bytes_are_refused_exactly_where_they_stop_being_UTF_8() =>
        Law.Holds(RandomText.Bytes, bytes =>
        {
            try
            {
                CharacterTokenizer.Train([0, .. bytes]);
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes) is not null;
            }
            catch (InvalidTextException e)
            {
                int offset = (int)e.Offset - 1;
                return Rune.DecodeFromUtf8(bytes.AsSpan(offset), out _, out _) != System.Buffers.OperationStatus.Done
                    && new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, offset) is not null;
            }
        });

    [Fact]
    public void Half_a_surrogate_pair_is_refused_with_its_index()
    {
        var error = Assert.Throws<InvalidTextException>(() => Hello.Encode("He\uD83Dl"));

        Assert.Equal("Surrogate U+D83D at index 2 of the string has no partner.", error.Message);
        Assert.Equal(2, error.Offset);
        Assert.Equal(1, Assert.Throws<InvalidTextException>(() => Hello.Encode("H\uDE00")).Offset);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void An_id_outside_the_vocabulary_is_named_with_the_valid_range(int id)
    {
        string message = $"Token id {id} is outside the vocabulary; valid ids are 0 to 3.";

        Assert.Equal(message, Assert.Throws<UnknownTokenException>(() => Hello.Decode([0, id])).Message);
        Assert.Equal(message, Assert.Throws<UnknownTokenException>(() => Hello.DecodeBytes([id])).Message);
        Assert.Equal(message, Assert.Throws<UnknownTokenException>(() => Hello.CountBytes([id])).Message);
        Assert.Equal(id, Assert.Throws<UnknownTokenException>(() => Hello.BytesOf(id).Length).Id);
    }

    [FactWithData("shakespeare.txt")]
    public void Shakespeare_has_65_characters_and_comes_back()
    {
        byte[] text = File.ReadAllBytes(TestData.PathOf("shakespeare.txt"));
        CharacterTokenizer tokenizer = CharacterTokenizer.Train(text);
        int[] ids = tokenizer.Encode(text);

        Assert.Equal(65, tokenizer.VocabularySize);
        Assert.Equal(1_115_394, ids.Length);
        Assert.Equal([18, 47, 56, 57, 58], ids[..5]); // "First", the ids that the tutorials print
        Assert.Equal(text, tokenizer.DecodeBytes(ids));
    }
}
