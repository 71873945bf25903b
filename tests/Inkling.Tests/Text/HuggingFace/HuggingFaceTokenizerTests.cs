using System.Text.Json.Nodes;
using Inkling.Text;

namespace Inkling.Tests.Text.HuggingFace;

public sealed class HuggingFaceTokenizerTests
{
    public static TheoryData<string> Kinds { get; } = ["bytes", "characters", "scores", "words"];

    [Fact]
    public void Bytes_merge_as_the_file_says()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().Load();

        Assert.Equal([258, 'o', 259, 'l'], tokenizer.Encode("hello hel").Select(id => id < 256 ? tokenizer.BytesOf(id)[0] : id));
        Assert.Equal("hello hel", tokenizer.Decode(tokenizer.Encode("hello hel")));
    }

    [Fact]
    public void An_unknown_token_whose_name_is_too_long_for_its_decoder_is_read()
    {
        string name = new('u', 300);
        Tokenizer tokenizer = TokenizerFile.OfScores()
            .With("model.vocab", $"""[["{name}", 0], ["▁", -1], ["a", -2]]""").With("model.unk_id", "0").WithAdded()
            .With("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": false}""")
            .With("decoder", """{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "Fuse"}]}""")
            .Load();
        Assert.Equal([1, 2, 0], tokenizer.Encode("ab"));
    }

    [Fact]
    public void Several_threads_put_nothing_before_what_is_not_the_beginning()
    {
        string pattern = JsonValue.Create(Inkling.Text.Splitting.SplitPattern.Gpt2.Regex).ToJsonString();
        Tokenizer tokenizer = TokenizerFile.OfScores().With("pre_tokenizer", $$"""
            {"type": "Sequence", "pretokenizers": [
             {"type": "Split", "pattern": {"Regex": {{pattern}}}, "behavior": "Isolated", "invert": false},
             {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}]}
            """).Load();
        byte[] text = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ab\tba\n", 40_000)));
        Assert.Equal(tokenizer.Encode(text), tokenizer.EncodeInParallel(text, threadCount: 2).SelectMany(ids => ids));
    }

    [Theory]
    [InlineData("pairs")]
    [InlineData("scores")]
    [InlineData("words")]
    public void A_special_token_of_one_character_is_no_text_either(string kind)
    {
        TokenizerFile file = kind switch
        {
            "pairs" => TokenizerFile.OfPieces().With("model.vocab", """{"?": 0, "a": 1}"""),
            "scores" => TokenizerFile.OfScores().With("model.vocab", """[["?", 0], ["a", -1], ["☃", -1]]""").With("model.unk_id", "0").With("pre_tokenizer", "null"),
            _ => TokenizerFile.OfWords().With("model.vocab", """{"?": 0, "a": 1, "##☃": 3}""").With("model.unk_token", "\"?\"").With("post_processor", "null"),
        };
        Tokenizer tokenizer = file.WithAdded(TokenizerFile.Added(2, "☃")).Load();
        Tokenizer saved = TokenizerFile.Load(TokenizerFile.Save(tokenizer));

        Assert.Equal([2, 1], tokenizer.Encode("☃a", SpecialTokenUse.Recognize));
        Assert.Equal(0, tokenizer.Encode("☃ a")[0]);
        Assert.Equal([2, 1], saved.Encode("☃a", SpecialTokenUse.Recognize));
        Assert.Equal(0, saved.Encode("☃ a")[0]);
    }

    [Fact]
    public void Merges_of_two_strings_are_those_of_one()
    {
        TokenizerFile file = TokenizerFile.OfBytes();
        Tokenizer strings = file.Load();

        Assert.Equal(TokenizerFile.Save(strings), TokenizerFile.Save(file.With("model.merges", """[["h", "e"], ["l", "l"], ["he", "ll"], ["Ġ", "he"]]""").Load()));
    }

    [Fact]
    public void Characters_merge_and_fall_back_to_bytes()
    {
        Tokenizer tokenizer = TokenizerFile.OfCharacters().Load();
        int first = 3 + 256;

        Assert.Equal([1, first + 4, first, 3 + 0xC3, 3 + 0xA9, first + 1], tokenizer.Encode("ab éa", SpecialTokenUse.Add));
        Assert.Equal("ab éa", tokenizer.Decode(tokenizer.Encode("ab éa")));
    }

    [Fact]
    public void Scores_choose_the_best_pieces()
    {
        Tokenizer tokenizer = TokenizerFile.OfScores().Load();

        Assert.Equal([7, 3, 4, 2], tokenizer.Encode("ab aé"));
        Assert.Equal(" ab a<unk>"[1..], tokenizer.Decode(tokenizer.Encode("ab aé")));
    }

    [Fact]
    public void Text_that_looks_like_a_special_token_is_text()
    {
        // The splitter leaves it whole, and the vocabulary has it; still nobody can forge it.
        Tokenizer tokenizer = TokenizerFile.OfWords("[", "CLS").With("pre_tokenizer", """{"type": "WhitespaceSplit"}""").With("normalizer", "null").Load();

        Assert.Equal([1], tokenizer.Encode("[CLS]"));
        Assert.Equal([2], tokenizer.Encode("[CLS]", SpecialTokenUse.Recognize));

        tokenizer = TokenizerFile.OfBytes().With("model.vocab.<|end|>", "260").With("model.ignore_merges", "true")
            .With("pre_tokenizer", """{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}""").Load();
        Assert.DoesNotContain(260, tokenizer.Encode("<|end|>"));
    }

    [Fact]
    public void A_special_token_that_merges_make_is_not_made_of_text()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().WithAdded(TokenizerFile.Added(258, "hell")).Load();

        Assert.Equal([256, 257], tokenizer.Encode("hell"));
        Assert.Equal([258], tokenizer.Encode("hell", SpecialTokenUse.Recognize));
    }

    [Fact]
    public void Tokens_that_no_bytes_give_keep_their_names()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().With("model.vocab.字 x", "261").Load();

        Assert.Equal("字 x", tokenizer.Decode([261]));
        Assert.Equal(261, (int)JsonNode.Parse(TokenizerFile.Save(tokenizer))!["model"]!["vocab"]!["字 x"]!);
    }

    [Fact]
    public void A_byte_without_a_token_is_a_typed_error_with_its_place()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().Without($"model.vocab.{TokenizerFile.ByteName((byte)'x')}").Load();

        Assert.Equal(2, Assert.Throws<UnknownCharacterException>(() => tokenizer.Encode("éx")).ByteOffset);
    }

    [Fact]
    public void Truncation_and_padding_are_left_to_who_makes_batches()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().With("truncation", """{"max_length": 1}""").With("padding", """{"strategy": {"Fixed": 9}}""").Load();

        Assert.Equal(2, tokenizer.Encode("xy").Length);
    }

    [Fact]
    public void A_character_vocabulary_is_a_character_tokenizer()
    {
        byte[] file = TokenizerFile.Save(CharacterTokenizer.Train("Hello"u8));

        Assert.IsType<CharacterTokenizer>(TokenizerFile.Load(file));
        Assert.Equal(file, TokenizerFile.Save(TokenizerFile.Load(file)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Saved_and_read_again_all_is_as_before(string kind)
    {
        Tokenizer tokenizer = Load(kind);
        byte[] saved = TokenizerFile.Save(tokenizer);
        Tokenizer loaded = TokenizerFile.Load(saved);

        Assert.Equal(saved, TokenizerFile.Save(loaded));
        Law.Holds(RandomText.Bytes, text => loaded.Encode(text).SequenceEqual(tokenizer.Encode(text)) && loaded.Encode(text, Both).SequenceEqual(tokenizer.Encode(text, Both)));
        Assert.Equal(
            Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.BytesOf(id).ToArray()),
            Enumerable.Range(0, loaded.VocabularySize).Select(id => loaded.BytesOf(id).ToArray()));
    }

    [Fact]
    public void What_no_file_was_read_for_is_saved_too()
    {
        Tokenizer bytes = ByteTokenizer.Create();
        Tokenizer loaded = TokenizerFile.Load(TokenizerFile.Save(bytes));

        Assert.Equal(TokenizerFile.Save(bytes), TokenizerFile.Save(loaded));
        Law.Holds(RandomText.Bytes, text => loaded.Encode(text).SequenceEqual(bytes.Encode(text)) && loaded.DecodeBytes(loaded.Encode(text)).SequenceEqual(text));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Offsets_lie_in_order_within_the_text(string kind)
    {
        Tokenizer tokenizer = Load(kind);
        Law.Holds(RandomText.Bytes, text =>
        {
            TokenSpan[] spans = tokenizer.EncodeWithOffsets(text);
            bool isInOrder = spans.Zip(spans.Skip(1)).All(pair => pair.First.Start <= pair.Second.Start);
            return isInOrder && spans.All(span => span.Start >= 0 && span.Length >= 0 && span.Start + span.Length <= text.Length)
                && spans.Select(span => span.Id).SequenceEqual(tokenizer.Encode(text));
        });
    }

    [Fact]
    public void Bytes_come_back_and_their_offsets_cover_the_text()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().Load();
        Law.Holds(RandomText.Bytes, text =>
        {
            TokenSpan[] spans = tokenizer.EncodeWithOffsets(text);
            return tokenizer.DecodeBytes(tokenizer.Encode(text)).SequenceEqual(text) && spans.Sum(span => span.Length) == text.Length
                && spans.All(span => tokenizer.BytesOf(span.Id).SequenceEqual(text.AsSpan(span.Start, span.Length)));
        });
    }

    [Fact]
    public void Valid_text_comes_back_from_characters() =>
        Law.Holds(RandomText.Strings, text =>
        {
            // ▁ is what a space is written as.
            Tokenizer tokenizer = TokenizerFile.OfCharacters().Load();
            return tokenizer.Decode(tokenizer.Encode(text)) == text.Replace('▁', ' ');
        }, cases: 30);

    private static SpecialTokenUse Both => SpecialTokenUse.Add | SpecialTokenUse.Recognize;

    private static Tokenizer Load(string kind) => kind switch
    {
        "bytes" => TokenizerFile.OfBytes().Load(),
        "characters" => TokenizerFile.OfCharacters().Load(),
        "scores" => TokenizerFile.OfScores().Load(),
        _ => TokenizerFile.OfWords("a", "b", "##b", "ab", "é", "字", "!", "##a").Load(),
    };
}
