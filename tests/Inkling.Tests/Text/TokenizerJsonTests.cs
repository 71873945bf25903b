using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Text;

namespace Inkling.Tests.Text;

public sealed class TokenizerJsonTests
{
    private static readonly byte[] Hello = Save(CharacterTokenizer.Train("Hello"u8));

    [Fact]
    public void A_vocabulary_is_saved_as_other_tools_read_it() =>
        Assert.Equal(
            """
            {
              "version": "1.0",
              "truncation": null,
              "padding": null,
              "added_tokens": [],
              "normalizer": null,
              "pre_tokenizer": null,
              "post_processor": null,
              "decoder": {
                "type": "Fuse"
              },
              "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": false,
                "merges": [],
                "vocab": {
                  "H": 0,
                  "e": 1,
                  "l": 2,
                  "o": 3
                }
              }
            }
            """.ReplaceLineEndings("\n"),
            Encoding.UTF8.GetString(Hello));

    [Fact]
    public void The_configuration_says_how_other_tools_shall_use_it()
    {
        using var stream = new MemoryStream();
        CharacterTokenizer.Train("Hello"u8).SaveConfiguration(stream, contextLength: 64);

        Assert.Equal(
            """
            {
              "tokenizer_class": "PreTrainedTokenizerFast",
              "model_max_length": 64,
              "clean_up_tokenization_spaces": false
            }
            """.ReplaceLineEndings("\n"),
            Encoding.UTF8.GetString(stream.ToArray()));
        Assert.Throws<ArgumentOutOfRangeException>(() => CharacterTokenizer.Train("Hello"u8).SaveConfiguration(stream, contextLength: 0));
    }

    [Fact]
    public void Saving_and_loading_give_the_same_ids_and_the_same_bytes() =>
        Law.Holds(RandomText.Strings, text =>
        {
            CharacterTokenizer tokenizer = CharacterTokenizer.Train(Encoding.UTF8.GetBytes(text));
            byte[] file = Save(tokenizer);
            CharacterTokenizer loaded = Load(file);
            return loaded.Encode(text).SequenceEqual(tokenizer.Encode(text)) && Save(loaded).SequenceEqual(file);
        });

    [Fact]
    public void Ids_may_come_in_any_order() =>
        Assert.Equal([0, 2, 1, 1, 3], Load(WithVocabulary("""{"o": 3, "l": 1, "H": 0, "\u0065": 2}""")).Encode("Hello"));

    [Fact]
    public void All_of_Unicode_comes_back_in_a_few_seconds()
    {
        string text = string.Concat(Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(codePoint => new Rune(codePoint).ToString()));
        var watch = Stopwatch.StartNew();
        CharacterTokenizer loaded = Load(Save(CharacterTokenizer.Train(Encoding.UTF8.GetBytes(text))));

        Assert.Equal(Enumerable.Range(0, 1_112_064), loaded.Encode(text));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20); // about one; quadratic work would take hours
    }

    [Theory]
    [InlineData("", "line 1, byte 1: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    [InlineData("{", "line 1, byte 2: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.")]
    [InlineData("{}\n}", "line 2, byte 1: '}' is invalid after a single JSON value. Expected end of data.")]
    [InlineData("\uFEFF{}", "line 1, byte 1: '0xEF' is an invalid start of a value.")]
    [InlineData("null", "$: expected an object, found null")]
    [InlineData("[1]", "$: expected an object, found an array")]
    [InlineData("{}", "$: field \"version\" is missing")]
    [InlineData("{\"a\":1,\"a\":2}", "$: Duplicate property 'a' encountered during deserialization.")]
    [InlineData("{\"\\ud800\":1}", "byte 1: an escape stands for half a character (a lone surrogate)")]
    [InlineData("{\"version\":\"\\udc00\"}", "byte 11: an escape stands for half a character (a lone surrogate)")]
    [InlineData("{\"version\":1.0}", "$.version: expected \"1.0\", found 1.0")]
    [InlineData("{\"version\":\"0\\n9\"}", "$.version: expected \"1.0\", found \"0\\n9\"")]
    [InlineData("{\"x\\u001b[2J\":1}", "$: unknown field \"x\\u001B[2J\"")]
    public void What_is_not_the_right_JSON_is_refused(string json, string problem) => Refuses(json, problem);

    [Fact]
    public void What_is_not_UTF_8_is_refused()
    {
        byte[] file = [.. Hello];
        file[12] = 0xFF;

        Assert.Equal("tokenizer.json, byte 12: Byte 0xFF at offset 12 is not valid UTF-8.", Assert.Throws<TokenizerFormatException>(() => Load(file)).Message);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public void Depth_does_not_exhaust_the_stack(string opening)
    {
        string json = string.Concat(Enumerable.Repeat(opening, 100_000));

        Assert.Contains("The maximum configured depth of 8 has been exceeded.", Assert.Throws<TokenizerFormatException>(() => Load(Encoding.UTF8.GetBytes(json))).Message);
    }

    [Fact]
    public void A_file_without_end_is_refused() =>
        Assert.Equal(
            "tokenizer.json, byte 44482560: longer than 44482560 bytes, more than all of Unicode needs",
            Assert.Throws<TokenizerFormatException>(() => CharacterTokenizer.Load(new EndlessStream())).Message);

    [Theory]
    [InlineData("$.normalizer", """{"type": "Lowercase"}""", "expected null, found an object")]
    [InlineData("$.pre_tokenizer", """{"type": "ByteLevel"}""", "expected null, found an object")]
    [InlineData("$.post_processor", "7", "expected null, found 7")]
    [InlineData("$.truncation", "true", "expected null, found true")]
    [InlineData("$.padding", "[]", "expected null, found an array")]
    [InlineData("$.added_tokens", """[{"id": 4, "content": "<s>"}]""", "expected [], found an array")]
    [InlineData("$.decoder", "null", """expected {"type": "Fuse"}, found null""")]
    [InlineData("$.model", "[]", "expected an object, found an array")]
    [InlineData("$.model.type", "\"WordPiece\"", "expected \"BPE\", found \"WordPiece\"")]
    [InlineData("$.model.dropout", "0.1", "expected null, found 0.1")]
    [InlineData("$.model.dropout", "0.1234567890123456789012345678901234567890123456789", "expected null, found 0.12345678901234567890123456789012345678…")]
    [InlineData("$.model.unk_token", "\"?\"", "expected null, found \"?\"")]
    [InlineData("$.model.byte_fallback", "true", "expected false, found true")]
    [InlineData("$.model.merges", """["H e"]""", "expected [], found an array")]
    [InlineData("$.model.vocab", "4", "expected an object, found 4")]
    public void A_file_that_would_tokenize_otherwise_is_refused(string path, string value, string problem) =>
        Refuses(With(path, value), $"{path}: {problem}");

    [Theory]
    [InlineData("{}", "there is no token")]
    [InlineData("""{"": 0}""", "token \"\" is not exactly one character")]
    [InlineData("""{"He": 0}""", "token \"He\" is not exactly one character")]
    [InlineData("""{"e\u0301": 0}""", "token \"e\u0301\" is not exactly one character")]
    [InlineData("""{"a": 0, "b": 0}""", "id 0 belongs to both \"a\" and \"b\"")]
    [InlineData("""{"a": 0, "b": 2}""", "expected an id from 0 to 1 for \"b\", found 2")]
    [InlineData("""{"a": -1}""", "expected an id from 0 to 0 for \"a\", found -1")]
    [InlineData("""{"a": 2147483648}""", "expected an id from 0 to 0 for \"a\", found 2147483648")]
    [InlineData("""{"a": 0.0}""", "expected an id from 0 to 0 for \"a\", found 0.0")]
    [InlineData("""{"a": 0e0}""", "expected an id from 0 to 0 for \"a\", found 0e0")]
    [InlineData("""{"a": "0"}""", "expected an id from 0 to 0 for \"a\", found \"0\"")]
    [InlineData("""{"a": null}""", "expected an id from 0 to 0 for \"a\", found null")]
    [InlineData("""{"a": [0]}""", "expected an id from 0 to 0 for \"a\", found an array")]
    [InlineData("""{"\n": true}""", "expected an id from 0 to 0 for \"\\n\", found true")]
    public void A_vocabulary_that_makes_no_sense_is_refused(string vocabulary, string problem)
    {
        Assert.Equal($"tokenizer.json, $.model.vocab: {problem}", Assert.Throws<TokenizerFormatException>(() => Load(WithVocabulary(vocabulary))).Message);
    }

    [Fact]
    public void A_character_given_twice_is_refused() =>
        Assert.Equal(
            "tokenizer.json, $: Duplicate property 'a' encountered during deserialization.",
            Assert.Throws<TokenizerFormatException>(() => Load(WithVocabulary("""{"a": 0, "\u0061": 1}"""))).Message);

    [Theory]
    [InlineData("$.decoder", "$")]
    [InlineData("$.model", "$")]
    [InlineData("$.model.vocab", "$.model")]
    [InlineData("$.model.ignore_merges", "$.model")]
    public void A_missing_field_is_named(string path, string location)
    {
        JsonNode root = JsonNode.Parse(Hello)!;
        string name = path.Split('.')[^1];
        Parent(root, path).Remove(name);

        Refuses(root.ToJsonString(), $"{location}: field \"{name}\" is missing");
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        for (int length = 0; length < Hello.Length; length++)
            Assert.Throws<TokenizerFormatException>(() => Load(Hello[..length]));
    }

    [Fact]
    public void A_word_that_is_none_does_not_bring_the_rest_of_the_file_into_the_message()
    {
        var error = Assert.Throws<TokenizerFormatException>(() => Load(Encoding.UTF8.GetBytes("{\"version\": nul" + new string('\n', 1_000) + "}")));

        Assert.InRange(error.Message.Length, 0, 300);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static void Refuses(string json, string problem)
    {
        var error = Assert.Throws<TokenizerFormatException>(() => Load(Encoding.UTF8.GetBytes(json)));

        Assert.Equal($"tokenizer.json, {problem}", error.Message);
        Assert.StartsWith($"tokenizer.json, {error.Location}: ", error.Message);
    }

    private static string With(string path, string value)
    {
        JsonNode root = JsonNode.Parse(Hello)!;
        Parent(root, path)[path.Split('.')[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }

    // Inserted as text, because a JsonNode would drop or refuse just what is to be tested.
    private static byte[] WithVocabulary(string vocabulary) =>
        Encoding.UTF8.GetBytes(With("$.model.vocab", "\"HERE\"").Replace("\"HERE\"", vocabulary));

    private static JsonObject Parent(JsonNode root, string path) =>
        path.Split('.')[1..^1].Aggregate(root, (node, name) => node[name]!).AsObject();

    private static byte[] Save(CharacterTokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        tokenizer.Save(stream);
        return stream.ToArray();
    }

    private static CharacterTokenizer Load(byte[] file) => CharacterTokenizer.Load(new MemoryStream(file));
}
