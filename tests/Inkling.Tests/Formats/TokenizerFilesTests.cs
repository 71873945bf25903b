using System.Text;
using Inkling.Formats;
using Inkling.Tests.Text.HuggingFace;
using Inkling.Text;

namespace Inkling.Tests.Formats;

public sealed class TokenizerFilesTests : IDisposable
{
    private const string Words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nÉ\ne\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("inkling-tokenizers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_saved_is_opened_by_folder_and_by_file()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().Load();
        TokenizerFiles.Save(_folder, tokenizer, contextLength: 64);
        TokenizerFiles.Save(_folder, tokenizer);

        Assert.Equal(tokenizer.Encode("hello"), TokenizerFiles.Load(_folder).Encode("hello"));
        Assert.Equal(tokenizer.Encode("hello"), TokenizerFiles.Load(PathOf("tokenizer.json")).Encode("hello"));
        Assert.Equal(
            "{\n  \"tokenizer_class\": \"PreTrainedTokenizerFast\",\n  \"clean_up_tokenization_spaces\": false\n}",
            File.ReadAllText(PathOf("tokenizer_config.json")));
    }

    [Fact]
    public void A_saved_tokenizer_replaces_another_and_leaves_the_rest()
    {
        Write("notes.txt", "mine");
        TokenizerFiles.Save(_folder, CharacterTokenizer.Train("ab"u8));
        TokenizerFiles.Save(_folder, CharacterTokenizer.Train("abc"u8));

        Assert.Equal(3, TokenizerFiles.Load(_folder).VocabularySize);
        Assert.Equal("mine", File.ReadAllText(PathOf("notes.txt")));
    }

    [Fact]
    public void The_words_of_BERT_are_read_as_the_configuration_beside_them_says()
    {
        Write("vocab.txt", Words);

        Assert.Equal([2, 5, 6, 8, 3], TokenizerFiles.Load(_folder).Encode("AB É", SpecialTokenUse.Add));
        Assert.Equal("ab e", TokenizerFiles.Load(_folder).Decode([5, 6, 8]));
        Write("tokenizer_config.json", """{"do_lower_case": false, "strip_accents": null}""");
        Assert.Equal([1, 5, 6, 7], TokenizerFiles.Load(PathOf("vocab.txt")).Encode("AB ab É"));
        Write("tokenizer_config.json", """{"do_lower_case": 1}""");
        Assert.Equal($"{PathOf("tokenizer_config.json")}, $.do_lower_case: expected true or false", Refused(_folder));
    }

    [Fact]
    public void Words_saved_as_tokenizer_json_stay_the_same()
    {
        Write("vocab.txt", Words);
        Tokenizer words = TokenizerFiles.Load(_folder);
        byte[] saved = TokenizerFile.Save(words);
        Tokenizer loaded = TokenizerFile.Load(saved);

        Assert.Equal(saved, TokenizerFile.Save(loaded));
        Assert.Equal(words.Encode("AB É ? [SEP]", SpecialTokenUse.Add), loaded.Encode("AB É ? [SEP]", SpecialTokenUse.Add));
    }

    [Theory]
    [InlineData("a\n\nb\n[UNK]", "line 2: a token has 1 to 1024 bytes, found 0")]
    [InlineData("a\nb\na\n[UNK]", "line 3: token \"a\" is there twice")]
    [InlineData("a\nb\n", "line 2: no token [UNK]")]
    public void Words_that_make_no_sense_are_refused(string content, string problem)
    {
        Write("vocab.txt", content);

        Assert.Equal($"{PathOf("vocab.txt")}, {problem}", Refused(_folder));
    }

    [Fact]
    public void Words_that_are_not_UTF_8_are_refused()
    {
        File.WriteAllBytes(PathOf("vocab.txt"), [(byte)'a', (byte)'\n', 0xFF]);

        Assert.Equal($"{PathOf("vocab.txt")}, line 2: Byte 0xFF at offset 0 is not valid UTF-8.", Refused(_folder));
    }

    [Fact]
    public void A_pair_of_files_is_opened_by_either()
    {
        string vocabulary = string.Join(", ", Enumerable.Range(0, 256).Select(value => $"\"{TokenizerFile.ByteName((byte)value).Replace("\\", "\\\\").Replace("\"", "\\\"")}\": {value}"));
        Write("vocab.json", $"{{{vocabulary}, \"he\": 256}}");
        Assert.Equal($"{PathOf("vocab.json")}: is half of a tokenizer; merges.txt must be beside it", Refused(_folder));
        Write("merges.txt", "#version: 0.2\nh e\n");

        foreach (string path in (string[])[_folder, PathOf("vocab.json"), PathOf("merges.txt")])
            Assert.Equal([256, 'y'], TokenizerFiles.Load(path).Encode("hey"));

        Write("merges.txt", "h\n");
        Assert.StartsWith($"{PathOf("merges.txt")}, line 1: ", Refused(PathOf("vocab.json")));
        Assert.StartsWith($"{PathOf("merges.txt")}, line 1: ", Refused(PathOf("merges.txt")));
    }

    [Fact]
    public void Base64_is_tiktoken_whatever_the_file_is_called()
    {
        string lines = string.Concat(Enumerable.Range(0, 256).Select(value => $"{Convert.ToBase64String([(byte)value])} {value}\n"));
        Write("small.tiktoken", lines);
        Assert.Equal(['a', 'b'], TokenizerFiles.Load(_folder).Encode("ab"));

        Write("other.tiktoken", lines);
        Assert.Equal($"{_folder}: holds other.tiktoken and small.tiktoken; give the path of one", Refused(_folder));

        Write("tokenizer.model", lines);
        Assert.Equal(['a', 'b'], TokenizerFiles.Load(_folder).Encode("ab"));
    }

    [Fact]
    public void What_is_no_tokenizer_is_one_typed_error()
    {
        Assert.Equal($"{_folder}: holds no tokenizer: none of tokenizer.json, tokenizer.model, spiece.model, vocab.json, vocab.txt, *.tiktoken", Refused(_folder));
        Assert.Equal($"{PathOf("nothing")}: does not exist", Refused(PathOf("nothing")));
        Write("data.bin", "Hello");
        Assert.Equal($"{PathOf("data.bin")}: is no tokenizer of a kind that is known", Refused(PathOf("data.bin")));
        Write("tokenizer.json", "{}");
        Assert.Equal($"{PathOf("tokenizer.json")}, $: field \"version\" is missing", Refused(_folder));
        Write("tokenizer.json", "");
        Assert.Equal($"{PathOf("tokenizer.json")}: is empty, or no regular file", Refused(_folder));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        using (FileStream large = File.Create(PathOf("tokenizer.json")))
            large.SetLength((1 << 27) + 1);

        Assert.Equal($"{PathOf("tokenizer.json")}: has 134217729 bytes; 134217728 are the most for a tokenizer", Refused(_folder));
    }

    private static string Refused(string path) => Assert.Throws<ModelFormatException>(() => TokenizerFiles.Load(path)).Message;

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Write(string name, string content) => File.WriteAllText(PathOf(name), content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
