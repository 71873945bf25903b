using System.Text;
using Inkling.Text;

namespace Inkling.Tests.Text.HuggingFace;

/// <summary>Each component of a <c>tokenizer.json</c> by itself: what it does to a text, and that it is written as it was read.</summary>
public sealed class ComponentTests
{
    [Theory]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "a b", "▁a b")]
    [InlineData("""{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}""", " a  b", "▁a▁▁b")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "ab"}, "content": ""}""", "aabab", "a")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""", "a    b c   ", "a b c ")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "\\p{L}"}, "content": "x"}""", "a1é𝒳字", "x1xxx")]
    [InlineData("""{"type": "Replace", "pattern": {"String": ""}, "content": "-"}""", "aé", "-a-é-")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "b*"}, "content": "-"}""", "abba", "-a-a-")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": false}""", "\u3000 a ", "a ")]
    [InlineData("""{"type": "Strip", "strip_left": false, "strip_right": true}""", " a\n ", " a")]
    [InlineData("""{"type": "NFC"}""", "e\u0301", "é")]
    [InlineData("""{"type": "NFD"}""", "é", "e\u0301")]
    [InlineData("""{"type": "NFKC"}""", "ﬁ", "fi")]
    [InlineData("""{"type": "NFKD"}""", "ﬁé", "fie\u0301")]
    [InlineData("""{"type": "Lowercase"}""", "ÀB", "àb")]
    [InlineData("""{"type": "StripAccents"}""", "e\u0301é", "eé")]
    [InlineData("""{"type": "Nmt"}""", "a\u0001\tb\u200Bc\u007F\uFEFF", "a b c ")]
    [InlineData("""{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}""", "É\t字", "e  字 ")]
    [InlineData("""{"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false, "strip_accents": false, "lowercase": true}""", "É\t字", "é\t字")]
    public void A_normaliser_changes_a_text(string json, string text, string expected)
    {
        TokenizerFile file = TokenizerFile.OfPieces().With("normalizer", json);

        Assert.Equal(expected, file.Load().Explain(text).Normalized);
        WritesAsRead(file);
    }

    [Fact]
    public void Normalisers_run_one_after_the_other_however_deep_they_lie()
    {
        string json = """{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}""";
        for (int i = 0; i < 5; i++)
            json = $$"""{"type": "Sequence", "normalizers": [{{json}}, {"type": "Lowercase"}]}""";

        TokenizerFile file = TokenizerFile.OfPieces().With("normalizer", json);

        Assert.Equal("aab", file.Load().Explain("aB").Normalized);
        WritesAsRead(file);
    }

    [Theory]
    [InlineData("""{"type": "WhitespaceSplit"}""", " a,b \n\u3000c ", "a,b|c")]
    [InlineData("""{"type": "Whitespace"}""", "can't a_b é\u0301 ⓐ x.. \u200D", "can|'|t|a_b|é\u0301|ⓐ|x|..|\u200D")]
    [InlineData("""{"type": "BertPreTokenizer"}""", " ab,, c$\u3001d", "ab|,|,|c|$|\u3001|d")]
    [InlineData("""{"type": "Digits", "individual_digits": true}""", "a12½b", "a|1|2|½|b")]
    [InlineData("""{"type": "Digits", "individual_digits": false}""", "a12½b", "a|12½|b")]
    [InlineData("""{"type": "Punctuation", "behavior": "Isolated"}""", "a,,b", "a|,|,|b")]
    [InlineData("""{"type": "Punctuation", "behavior": "Removed"}""", ",a,,b", "a|b")]
    [InlineData("""{"type": "Punctuation", "behavior": "Contiguous"}""", "a,,b!", "a|,,|b|!")]
    [InlineData("""{"type": "Punctuation", "behavior": "MergedWithPrevious"}""", ",a,,b!", ",|a,|,|b!")]
    [InlineData("""{"type": "Punctuation", "behavior": "MergedWithNext"}""", ",a,,b!", ",a|,|,b|!")]
    [InlineData("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Removed", "invert": false}""", "a-b--c", "a|b|c")]
    [InlineData("""{"type": "Split", "pattern": {"String": "-"}, "behavior": "Isolated", "invert": true}""", "a-bc", "a|-|bc")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\d+"}, "behavior": "Removed", "invert": true}""", "a12b3", "12|3")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\d+"}, "behavior": "Isolated", "invert": false}""", "12a34", "12|a|34")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "(?=(\\d{3})+(?!\\d))"}, "behavior": "Isolated", "invert": false}""", "1234567", "1|234|567")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "x*"}, "behavior": "Isolated", "invert": false}""", "axxb", "a|xx|b")]
    [InlineData("""{"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated", "invert": false}""", "aé字", "a|é|字")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "[一-龥]+"}, "behavior": "Isolated", "invert": false}""", "a字字b", "a|字字|b")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\p{L}++|\\s?+"}, "behavior": "Isolated", "invert": false}""", "ab c", "ab| |c")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""", "a b  c", "▁a|▁b|▁|▁c")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": true}""", "a b", "a|▁b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""", "a b", "▁a▁b")]
    [InlineData("""{"type": "Metaspace", "replacement": "_", "prepend_scheme": "always", "split": true}""", " a", "_a")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Digits", "individual_digits": true}]}""", "a1 23", "a|1|2|3")]
    public void A_pre_tokenizer_splits_a_text(string json, string text, string expected)
    {
        TokenizerFile file = TokenizerFile.OfPieces().With("pre_tokenizer", json);

        Assert.Equal(expected, string.Join('|', file.Load().Explain(text).Pieces.Select(piece => piece.Text)));
        WritesAsRead(file);
    }

    [Theory]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}""", "it's  two", "it|'s| | two")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}""", "it's", " it|'s")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}""", " it", " it")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}""", "it's  two", "it's  two")]
    [InlineData("""
        {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
         {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
        """, "a12", "a|1|2")]
    public void Byte_level_splits_as_GPT_2(string json, string text, string expected)
    {
        TokenizerFile file = TokenizerFile.OfBytes().With("pre_tokenizer", json);

        Assert.Equal(expected, string.Join('|', file.Load().Explain(text).Pieces.Select(piece => piece.Text)));
        WritesAsRead(file);
    }

    [Fact]
    public void Old_fields_mean_what_they_meant()
    {
        Assert.Equal("▁a", Normalized("""{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}"""));
        Assert.Equal("a", Normalized("""{"type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": false}"""));

        static string Normalized(string json) => TokenizerFile.OfPieces().With("pre_tokenizer", json).Load().Explain("a").Normalized;
    }

    [Fact]
    public void First_is_the_beginning_of_the_text_alone()
    {
        TokenizerFile file = TokenizerFile.OfPieces()
            .WithAdded(TokenizerFile.Added(1, "<x>", special: false))
            .With("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}""");

        Assert.Equal("▁a|<x>|b", string.Join('|', file.Load().Explain("a<x>b").Pieces.Select(piece => piece.Text)));
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_pieces_like_others()
    {
        foreach (string json in (string[])[
            """{"type": "Split", "pattern": {"Regex": "\\d"}, "behavior": "Isolated", "invert": false}""", """{"type": "Whitespace"}""",
            """{"type": "Punctuation", "behavior": "Isolated"}""", """{"type": "Digits", "individual_digits": true}"""])
        {
            Tokenizer tokenizer = TokenizerFile.OfBytes()
                .With("pre_tokenizer", $$"""{"type": "Sequence", "pretokenizers": [{{json}}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}""")
                .Load();
            byte[] text = [0xFF, (byte)'a', 0x80, (byte)'1', 0xE2, 0x82];

            Assert.Equal(text, tokenizer.DecodeBytes(tokenizer.Encode(text)));
        }
    }

    [Theory]
    [InlineData("""{"type": "WordPiece", "prefix": "##", "cleanup": true}""", "un ##aff ##able . n't", "unaffable.n't")]
    [InlineData("""{"type": "WordPiece", "prefix": "##", "cleanup": false}""", "un ##aff .", "unaff .")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}""", "▁a b ▁c", "ab c")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": true}""", "▁a ▁c", " a c")]
    [InlineData("""{"type": "Fuse"}""", "▁a b", "▁ab")]
    [InlineData("null", "▁a b", "▁a b")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "[ab]"}, "content": "xx"}""", "▁a b", "▁xxxx")]
    [InlineData("""{"type": "Strip", "content": "▁", "start": 1, "stop": 0}""", "▁a ▁c", "ac")]
    [InlineData("""{"type": "ByteFallback"}""", "a <0xC3> <0xA9>", "aé")]
    [InlineData("""
        {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
         {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
        """, "▁a <0x0A> ▁c", "a\n c")]
    [InlineData("""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}]}""", "▁a b", " ab")]
    public void A_decoder_joins_tokens(string json, string tokens, string expected)
    {
        string[] names = tokens.Split(' ');
        TokenizerFile file = TokenizerFile.OfPieces().With("decoder", json);
        file.With("model.vocab", $"{{\"?\": 0, {string.Join(", ", names.Select((name, i) => $"\"{name}\": {i + 1}"))}}}");
        Tokenizer tokenizer = file.Load();
        int[] ids = [.. Enumerable.Range(1, names.Length)];

        Assert.Equal(expected, tokenizer.Decode(ids));
        TokenDecoder decoder = tokenizer.CreateDecoder();
        Assert.Equal(expected, string.Concat(ids.Select(id => decoder.Append(id))) + decoder.Flush());
        WritesAsRead(file);
    }

    [Theory]
    [InlineData("""{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}""", "2 | 3")]
    [InlineData("""{"type": "RobertaProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2], "trim_offsets": true, "add_prefix_space": false}""", "2 | 3")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}""", " | ")]
    [InlineData("null", " | ")]
    [InlineData("""
        {"type": "Sequence", "processors": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false},
         {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
          {"SpecialToken": {"id": "y", "type_id": 0}}, {"SpecialToken": {"id": "x", "type_id": 0}}], "pair": [],
          "special_tokens": {"x": {"id": "x", "ids": [2, 0], "tokens": ["[CLS]", "[PAD]"]}, "y": {"id": "y", "ids": [3], "tokens": ["[SEP]"]}}}]}
        """, "2 0 | 3 2 0")]
    public void A_post_processor_puts_tokens_around_a_text(string json, string expected)
    {
        TokenizerFile file = TokenizerFile.OfWords("a").With("post_processor", json);
        Tokenizer tokenizer = file.Load();

        string[] parts = expected.Split('|');
        Assert.Equal($"{parts[0]}4{parts[1]}".Trim(), string.Join(' ', tokenizer.Encode("a", SpecialTokenUse.Add)));
        Assert.Equal([4], tokenizer.Encode("a"));
        WritesAsRead(file);
    }

    [Fact]
    public void Added_tokens_keep_their_flags()
    {
        TokenizerFile file = TokenizerFile.OfBytes().WithAdded("""
            {"id": 261, "content": "<x>", "single_word": false, "lstrip": true, "rstrip": true, "normalized": true, "special": false}
            """, """{"id": 262, "content": "one", "single_word": true, "lstrip": false, "rstrip": false, "normalized": false, "special": false}""",
            TokenizerFile.Added(260, "<|end|>"));
        Tokenizer tokenizer = file.Load();

        Assert.Equal(["a", " <x>\n", "b", "one", ".", "o", "n", "e", "s"], Texts(tokenizer, "a <x>\nbone.ones".Replace("bone", "b one"), trims: true));
        Assert.Equal([260], tokenizer.Encode("<|end|>", SpecialTokenUse.Recognize));
        Assert.Equal(7, tokenizer.Encode("<|end|>").Length);
        WritesAsRead(file);

        static string[] Texts(Tokenizer tokenizer, string text, bool trims) =>
            [.. tokenizer.EncodeWithOffsets(Encoding.UTF8.GetBytes(text)).Select(span => text.Substring(span.Start, span.Length)).Where(part => !trims || part != " ")];
    }

    /// <summary>Saved it is another file that does the same, and saved again it is that file.</summary>
    private static void WritesAsRead(TokenizerFile file)
    {
        Tokenizer tokenizer = file.Load();
        byte[] saved = TokenizerFile.Save(tokenizer);
        Tokenizer loaded = TokenizerFile.Load(saved);

        Assert.Equal(Encoding.UTF8.GetString(saved), Encoding.UTF8.GetString(TokenizerFile.Save(loaded)));
        Assert.Equal(tokenizer.VocabularySize, loaded.VocabularySize);
        foreach (string text in (string[])["a b", " Hello  it's 12 é字, <x>", "hell ▁ab"])
        {
            foreach (SpecialTokenUse use in (SpecialTokenUse[])[SpecialTokenUse.None, SpecialTokenUse.Add | SpecialTokenUse.Recognize])
            {
                int[] ids = tokenizer.Encode(text, use);
                Assert.Equal(ids, loaded.Encode(text, use));
                Assert.Equal(tokenizer.Decode(ids), loaded.Decode(ids));
            }
        }
    }
}
