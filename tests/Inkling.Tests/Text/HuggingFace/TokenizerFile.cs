using System.Text;
using System.Text.Json.Nodes;
using Inkling.Text;

namespace Inkling.Tests.Text.HuggingFace;

/// <summary>Small <c>tokenizer.json</c> files, made part by part.</summary>
internal sealed class TokenizerFile
{
    private readonly JsonObject _root;

    private TokenizerFile(string model) => _root = JsonNode.Parse($$"""
        {
          "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null, "pre_tokenizer": null,
          "post_processor": null, "decoder": null, "model": {{model}}
        }
        """)!.AsObject();

    /// <summary>A model that knows no text at all: what matters are the pieces.</summary>
    public static TokenizerFile OfPieces() => new("""{"type": "BPE", "unk_token": "?", "fuse_unk": true, "vocab": {"?": 0}, "merges": []}""");

    /// <summary>Bytes, with some merges of letters: h e → he, l l → ll, he ll → hell, Ġ he → Ġhe.</summary>
    public static TokenizerFile OfBytes()
    {
        var vocabulary = new JsonObject();
        foreach (string name in Enumerable.Range(0, 256).Select(value => ByteName((byte)value)).Concat(["he", "ll", "hell", "Ġhe", "<|end|>"]))
            vocabulary.Add(name, vocabulary.Count);

        return new TokenizerFile($$"""
            {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": false,
             "vocab": {{vocabulary.ToJsonString()}}, "merges": ["h e", "l l", "he ll", "Ġ he"]}
            """)
            .With("pre_tokenizer", """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}""")
            .With("decoder", """{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}""")
            .WithAdded(Added(260, "<|end|>"));
    }

    /// <summary>BERT's parts with few words.</summary>
    public static TokenizerFile OfWords(params string[] words)
    {
        var vocabulary = new JsonObject();
        foreach (string name in (IEnumerable<string>)["[PAD]", "[UNK]", "[CLS]", "[SEP]", .. words])
            vocabulary.Add(name, vocabulary.Count);

        return new TokenizerFile($$"""
            {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {{vocabulary.ToJsonString()}}}
            """)
            .With("normalizer", """{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}""")
            .With("pre_tokenizer", """{"type": "BertPreTokenizer"}""")
            .With("decoder", """{"type": "WordPiece", "prefix": "##", "cleanup": true}""")
            .With("post_processor", """{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}""")
            .WithAdded(Added(0, "[PAD]"), Added(1, "[UNK]"), Added(2, "[CLS]"), Added(3, "[SEP]"));
    }

    /// <summary>Llama 2's parts with few tokens.</summary>
    public static TokenizerFile OfCharacters()
    {
        var vocabulary = new JsonObject();
        foreach (string name in (IEnumerable<string>)["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "b", "ab", "▁ab"])
            vocabulary.Add(name, vocabulary.Count);

        return new TokenizerFile($$"""
            {"type": "BPE", "dropout": null, "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "vocab": {{vocabulary.ToJsonString()}},
             "merges": [["a", "b"], ["▁", "ab"]]}
            """)
            .With("normalizer", """
                {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
                """)
            .With("decoder", """
                {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                 {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
                """)
            .With("post_processor", """
                {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                 "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                 "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
                """)
            .WithAdded(Added(0, "<unk>"), Added(1, "<s>"), Added(2, "</s>"));
    }

    /// <summary>T5's parts with few tokens.</summary>
    public static TokenizerFile OfScores() =>
        new TokenizerFile("""
            {"type": "Unigram", "unk_id": 2, "byte_fallback": false,
             "vocab": [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["▁", -2.5], ["a", -3.0], ["b", -3.25], ["ab", -4.5], ["▁ab", -5.0]]}
            """)
            .With("pre_tokenizer", """
                {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
                 {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "prepend_scheme": "always"}]}
                """)
            .With("decoder", """{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true, "prepend_scheme": "always"}""")
            .WithAdded(Added(0, "<pad>"), Added(1, "</s>"), Added(2, "<unk>"));

    /// <summary>An entry of the list of added tokens.</summary>
    public static string Added(int id, string content, bool special = true, string others = "") => $$"""
        {"id": {{id}}, "content": {{JsonValue.Create(content).ToJsonString()}}, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
         "special": {{(special ? "true" : "false")}}{{others}}}
        """;

    /// <summary>How byte-level files write a byte.</summary>
    public static string ByteName(byte value) => Inkling.Text.Subwords.ByteAlphabet.Write([value]);

    /// <summary>Sets a field of the file, or below it such as <c>model.merges</c>.</summary>
    public TokenizerFile With(string path, string json)
    {
        string[] names = path.Split('.');
        JsonNode parent = names[..^1].Aggregate((JsonNode)_root, (node, name) => node[name]!);
        parent[names[^1]] = JsonNode.Parse(json);
        return this;
    }

    /// <summary>Sets the list of added tokens.</summary>
    public TokenizerFile WithAdded(params string[] items) => With("added_tokens", $"[{string.Join(", ", items)}]");

    /// <summary>Takes a field away.</summary>
    public TokenizerFile Without(string path)
    {
        string[] names = path.Split('.');
        names[..^1].Aggregate((JsonNode)_root, (node, name) => node[name]!).AsObject().Remove(names[^1]);
        return this;
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(_root.ToJsonString());

    /// <summary>Reads it.</summary>
    public Tokenizer Load() => Load(ToBytes());

    /// <summary>Reads a file.</summary>
    public static Tokenizer Load(byte[] file) => HuggingFaceTokenizer.Load(new MemoryStream(file));

    /// <summary>Writes a file.</summary>
    public static byte[] Save(Tokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        tokenizer.Save(stream);
        return stream.ToArray();
    }
}
