using System.Diagnostics;
using System.Text;
using Inkling.Text;

namespace Inkling.Tests.Text.HuggingFace;

/// <summary>Each wrong file is one typed error that names the place.</summary>
public sealed class MalformedFileTests
{
    private const string Normalizers =
        "Sequence, Prepend, Replace, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, BertNormalizer, Precompiled, Nmt";

    private const string PreTokenizers = "Sequence, ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, BertPreTokenizer";

    [Theory]
    [InlineData("version", "\"2.0\"", "$.version: expected \"1.0\", found \"2.0\"")]
    [InlineData("version", "1.0", "$.version: expected a string, found 1.0")]
    [InlineData("extra", "1", "$: unknown field \"extra\"")]
    [InlineData("normalizer", "[]", "$.normalizer: expected an object, found an array")]
    [InlineData("normalizer", "{}", "$.normalizer: field \"type\" is missing")]
    [InlineData("normalizer", """{"type": "Magic"}""", "$.normalizer.type: normalizer \"Magic\" is not supported; supported are " + Normalizers)]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": 3}]}""", "$.normalizer.normalizers[1].type: expected a string, found 3")]
    [InlineData("normalizer", """{"type": "NFC", "form": 1}""", "$.normalizer: unknown field \"form\"")]
    [InlineData("normalizer", """{"type": "Strip", "strip_left": 1, "strip_right": true}""", "$.normalizer.strip_left: expected true or false, found 1")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {}, "content": ""}""", "$.normalizer.pattern: expected either \"String\" or \"Regex\"")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"Regex": "(a"}, "content": ""}""",
        "$.normalizer.pattern.Regex: the regular expression cannot be run: a group does not end, at character 2")]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "AAA"}""", "$.normalizer.precompiled_charsmap: expected base64")]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "AAAA"}""",
        "$.normalizer.precompiled_charsmap: byte 0: a table of replacements has 3 bytes, fewer than the 4 of its first number")]
    [InlineData("pre_tokenizer", """{"type": "UnicodeScripts"}""", "$.pre_tokenizer.type: pre-tokenizer \"UnicodeScripts\" is not supported; supported are " + PreTokenizers)]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"String": "a"}, "behavior": "Eaten", "invert": false}""",
        "$.pre_tokenizer.behavior: split behavior \"Eaten\" is not among Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "[[:alpha:]]"}, "behavior": "Removed", "invert": false}""",
        "$.pre_tokenizer.pattern.Regex: the regular expression cannot be run: a set [:name:], at character 1")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "\\p{Han}"}, "behavior": "Removed", "invert": false}""",
        "$.pre_tokenizer.pattern.Regex: the regular expression cannot be run: Invalid pattern '\\p{Han}' at offset 7. Unknown property 'Han'.")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "ab"}""", "$.pre_tokenizer.replacement: expected one character, found \"ab\"")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "_", "prepend_scheme": "often"}""",
        "$.pre_tokenizer.prepend_scheme: expected \"first\", \"never\" or \"always\", found \"often\"")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "add_prefix_space": false}""",
        "$.pre_tokenizer: add_prefix_space and prepend_scheme contradict each other")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Digits"}]}""",
        "$.pre_tokenizer: what follows ByteLevel would see bytes that are shown as characters, which is not supported")]
    [InlineData("decoder", """{"type": "CTC"}""",
        "$.decoder.type: decoder \"CTC\" is not supported; supported are Sequence, ByteLevel, Metaspace, WordPiece, Replace, ByteFallback, Fuse, Strip")]
    [InlineData("decoder", """{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteFallback"}]}""",
        "$.decoder.decoders[1]: ByteFallback cannot be done token by token at this place, which alone is supported")]
    [InlineData("decoder", """{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 2, "stop": 0}]}""",
        "$.decoder.decoders[1]: Strip cannot be done token by token at this place, which alone is supported")]
    [InlineData("post_processor", """{"type": "Magic"}""",
        "$.post_processor.type: post-processor \"Magic\" is not supported; supported are Sequence, TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel")]
    [InlineData("post_processor", """{"type": "BertProcessing", "sep": ["x", 261], "cls": ["x", 0]}""", "$.post_processor.sep[1]: no token has the id 261")]
    [InlineData("post_processor", """{"type": "BertProcessing", "sep": ["x"], "cls": ["x", 0]}""", "$.post_processor.sep: expected a token and its id")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}}""",
        "$.post_processor.single: a template for one text has the text A once")]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}], "pair": [], "special_tokens": {}}""",
        "$.post_processor.single[0].SpecialToken.id: \"x\" is not among the special tokens of the template")]
    [InlineData("added_tokens", """[{"id": 0}]""", "$.added_tokens[0]: field \"content\" is missing")]
    [InlineData("added_tokens", """[{"id": -1, "content": "x"}]""", "$.added_tokens[0].id: expected a whole number from 0 to 2071, found -1")]
    [InlineData("added_tokens", """[{"id": 2147483647, "content": "x"}]""", "$.added_tokens[0].id: expected a whole number from 0 to 2071, found 2147483647")]
    [InlineData("added_tokens", """[{"id": 261, "content": ""}]""", "$.added_tokens[0].content: an added token is empty")]
    [InlineData("added_tokens", """[{"id": 5, "content": "x"}]""", "$.added_tokens[0]: \"x\" has the id 120 already, not 5")]
    [InlineData("added_tokens", """[{"id": 5, "content": "xyz"}]""", "$.added_tokens[0]: id 5 belongs to both \"ą\" and \"xyz\"")]
    [InlineData("added_tokens", """[{"id": 261, "content": "xyz"}, {"id": 261, "content": "xyz"}]""", "$.added_tokens[1]: id 261 is added twice")]
    [InlineData("added_tokens", """[{"id": 261, "content": "xyz", "color": 1}]""", "$.added_tokens[0]: unknown field \"color\"")]
    [InlineData("model", "[]", "$.model: expected an object, found an array")]
    [InlineData("model", "{}", "$.model: field \"type\" is missing")]
    [InlineData("model", """{"type": "WordLevel", "vocab": {}}""", "$.model.type: model \"WordLevel\" is not supported; supported are BPE, Unigram, WordPiece")]
    [InlineData("model", """{"type": "WordPiece", "vocab": {}}""", "$.model: WordPiece on bytes that are shown as characters (ByteLevel) is not supported")]
    [InlineData("model.dropout", "0.1", "$.model.dropout: merges that are left out by chance (0.1) are not supported, only null")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "$.model.end_of_word_suffix: a mark \"</w>\" in byte-pair encoding is not supported, only null")]
    [InlineData("model.magic", "1", "$.model: unknown field \"magic\"")]
    [InlineData("model.vocab", "[]", "$.model.vocab: expected an object, found an array")]
    [InlineData("model.vocab.he", "\"1\"", "$.model.vocab: expected an id from 0 to 2071 for \"he\", found \"1\"")]
    [InlineData("model.vocab.he", "2147483648", "$.model.vocab: expected an id from 0 to 2071 for \"he\", found 2147483648")]
    [InlineData("model.vocab.he", "-1", "$.model.vocab: expected an id from 0 to 2071 for \"he\", found -1")]
    [InlineData("model.vocab.he", "1000000", "$.model.vocab: expected an id from 0 to 2071 for \"he\", found 1000000")]
    [InlineData("model.vocab.he", "255", "$.model.vocab: id 255 belongs to both \"ÿ\" and \"he\"")]
    [InlineData("model.merges", "7", "$.model.merges: expected an array, found 7")]
    [InlineData("model.merges", """["h e", ""]""", "$.model.merges[1]: expected two tokens, as \"a b\" or [\"a\", \"b\"], found \"\"")]
    [InlineData("model.merges", """["he"]""", "$.model.merges[0]: expected two tokens, as \"a b\" or [\"a\", \"b\"], found \"he\"")]
    [InlineData("model.merges", """["h e l"]""", "$.model.merges[0]: expected two tokens, as \"a b\" or [\"a\", \"b\"], found \"h e l\"")]
    [InlineData("model.merges", """[["h"]]""", "$.model.merges[0]: expected two tokens, as \"a b\" or [\"a\", \"b\"], found an array")]
    [InlineData("model.merges", """[["h", 1]]""", "$.model.merges[0]: expected two tokens, as \"a b\" or [\"a\", \"b\"], found an array")]
    [InlineData("model.merges", """["h l"]""", "$.model.merges[0]: \"hl\" is not in the vocabulary")]
    [InlineData("model.merges", """[["h", "字"]]""", "$.model.merges[0]: \"字\" is not in the vocabulary")]
    public void A_wrong_value_is_named(string path, string json, string problem) => Refuses(TokenizerFile.OfBytes().With(path, json), problem);

    [Theory]
    [InlineData("model.unk_token", "\"none\"", "$.model.unk_token: \"none\" is not in the vocabulary")]
    [InlineData("model.max_input_chars_per_word", "-1", "$.model.max_input_chars_per_word: expected a whole number from 0 to 2147483647, found -1")]
    [InlineData("model.vocab", "{}", "$.model.vocab: there is no token")]
    [InlineData("model.vocab", "{\"a\": 0}", "$.model.unk_token: \"[UNK]\" is not in the vocabulary")]
    public void A_wrong_value_of_WordPiece_is_named(string path, string json, string problem) => Refuses(TokenizerFile.OfWords("a").WithAdded().With("post_processor", "null").With(path, json), problem);

    [Theory]
    [InlineData("model.unk_id", "8", "$.model.unk_id: expected a whole number from 0 to 7, found 8")]
    [InlineData("model.vocab", "[]", "$.model.vocab: there is no token")]
    [InlineData("model.vocab", """[["a"]]""", "$.model.vocab[0]: expected a token and its score")]
    [InlineData("model.vocab", """[["a", 0, 1]]""", "$.model.vocab[0]: expected a token and its score")]
    [InlineData("model.vocab", """[["a", 0], ["a", 1]]""", "$.model.vocab[1][0]: token \"a\" is there twice")]
    [InlineData("model.vocab", """[["a", 1e39]]""", "$.model.vocab[0][1]: a score of 1e39 is too large")]
    [InlineData("model.vocab", """[["a", "x"]]""", "$.model.vocab[0][1]: expected a finite number, found \"x\"")]
    public void A_wrong_value_of_Unigram_is_named(string path, string json, string problem) => Refuses(TokenizerFile.OfScores().WithAdded().With(path, json), problem);

    [Theory]
    [InlineData("version", "$")]
    [InlineData("model", "$")]
    [InlineData("model.vocab", "$.model")]
    [InlineData("model.merges", "$.model")]
    public void A_missing_field_is_named(string path, string location) =>
        Refuses(TokenizerFile.OfBytes().Without(path), $"{location}: field \"{path.Split('.')[^1]}\" is missing");

    [Fact]
    public void Depth_does_not_exhaust_the_stack()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"type": "Sequence", "normalizers": [""", 100_000));

        Assert.Contains("The maximum configured depth of 32 has been exceeded.", Assert.Throws<TokenizerFormatException>(() => TokenizerFile.Load(Encoding.UTF8.GetBytes(deep))).Message);
    }

    [Fact]
    public void Many_steps_are_refused()
    {
        string many = string.Join(", ", Enumerable.Repeat("""{"type": "NFC"}""", 65));

        Refuses(TokenizerFile.OfBytes().With("normalizer", $$"""{"type": "Sequence", "normalizers": [{{many}}]}"""), "$: 66 steps of normalising and splitting; 64 are the most");
        string fuses = string.Join(", ", Enumerable.Repeat("""{"type": "ByteFallback"}""", 65));
        Refuses(TokenizerFile.OfPieces().With("decoder", $$"""{"type": "Sequence", "decoders": [{{fuses}}]}"""), "$.decoder.decoders[64]: more than 64 steps of decoding");
    }

    [Fact]
    public void Long_parts_are_refused()
    {
        string name = new('a', 1025);
        Refuses(TokenizerFile.OfPieces().With("model.vocab", $$"""{"?": 0, "{{name}}": 1}"""), $"$.model.vocab: token \"{name[..40]}…\" of id 1 has more than 1024 bytes");
        Refuses(
            TokenizerFile.OfPieces().With("normalizer", $$"""{"type": "Replace", "pattern": {"String": "a"}, "content": "{{name}}"}"""),
            "$.normalizer.content: a replacement of 1025 bytes; 256 are the most");
        Refuses(
            TokenizerFile.OfPieces().With("normalizer", $$"""{"type": "Prepend", "prepend": "{{name}}"}"""),
            "$.normalizer.prepend: a prefix of 1025 characters; 256 are the most");
        Refuses(
            TokenizerFile.OfPieces().With("normalizer", $$"""{"type": "Replace", "pattern": {"Regex": "{{new string('a', 8193)}}"}, "content": ""}"""),
            "$.normalizer.pattern.Regex: the regular expression has 8193 characters; 8192 are the most");
    }

    [Fact]
    public void An_id_that_is_free_may_be_near_but_is_no_token()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().WithAdded(TokenizerFile.Added(260, "<|end|>"), TokenizerFile.Added(400, "<|far|>")).Load();

        Assert.Equal(401, tokenizer.VocabularySize);
        Assert.Equal([400], tokenizer.Encode("<|far|>", SpecialTokenUse.Recognize));
        foreach (int id in (int[])[-1, 300, 401, int.MaxValue])
            Assert.Equal(id, Assert.Throws<UnknownTokenException>(() => tokenizer.Decode([id])).Id);

        Assert.Equal(TokenizerFile.Save(tokenizer), TokenizerFile.Save(TokenizerFile.Load(TokenizerFile.Save(tokenizer))));
    }

    [Fact]
    public void A_pattern_without_end_is_given_up()
    {
        Tokenizer tokenizer = TokenizerFile.OfPieces()
            .With("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "(a+)+(?=b)"}, "behavior": "Isolated", "invert": false}""").Load();
        var watch = Stopwatch.StartNew();
        var error = Assert.Throws<PatternTimeoutException>(() => tokenizer.Encode(new string('a', 40)));

        Assert.Equal("(a+)+(?=b)", error.Pattern);
        Assert.Equal("The regular expression \"(a+)+(?=b)\" was not through 40 bytes of text after 2 s.", error.Message);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
    }

    private static void Refuses(TokenizerFile file, string problem)
    {
        var error = Assert.Throws<TokenizerFormatException>(() => file.Load());

        Assert.Equal($"tokenizer.json, {problem}", error.Message);
        Assert.Equal($"{error.FileKind}, {error.Location}: {error.Problem}", error.Message);
    }
}
