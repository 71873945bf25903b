using System.Text;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Tests.Formats;
using Inkling.Text;

namespace Inkling.Tests.Cli.Tokenizers;

/// <summary><c>inkling tokenizer</c> where something is empty, endless, too long or not what it seems.</summary>
public sealed class TokenizerEdgeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tokenizer_of_one_long_run_can_be_opened_again()
    {
        string corpus = Write("run.txt", new string('^', 100_000));
        Assert.Equal(0, InklingCommand.Run("tokenizer", "train", corpus, "--size", "400", "--out", PathOf("made")).ExitCode);
        Assert.Equal(512, Enumerable.Range(0, TokenizerFiles.Load(PathOf("made")).VocabularySize).Max(id => TokenizerFiles.Load(PathOf("made")).BytesOf(id).Length));
    }

    [Fact]
    public void Commands_to_type_next_take_folders_with_blanks()
    {
        string corpus = Write("my book.txt", "the cat sat on the mat");
        string output = InklingCommand.Run("tokenizer", "train", corpus, "--size", "260", "--out", PathOf("my tokens")).Output;
        Assert.Contains($"show --tokenizer \"{PathOf("my tokens")}\" --text", output, StringComparison.Ordinal);
        Assert.Contains($"train \"{corpus}\" --tokenizer \"{PathOf("my tokens")}\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_a_file_is_refused_before_the_work()
    {
        string corpus = Write("a.txt", "the cat");
        AssertFails($"{corpus}: is a file; a tokenizer is written to a folder", "tokenizer", "train", corpus, "--out", corpus);
    }

    [Fact]
    public void Settings_of_another_tokenizer_are_not_replaced()
    {
        Directory.CreateDirectory(PathOf("other"));
        File.WriteAllText(Path.Combine(PathOf("other"), "tokenizer_config.json"), "{}");
        AssertFails(
            $"{PathOf("other")}: holds a tokenizer_config.json already; choose another folder", "tokenizer", "train", Write("a.txt", "the cat"), "--out", PathOf("other"));
    }

    [Fact]
    public void A_text_that_gives_no_tokenizer_is_named()
    {
        string empty = Write("empty.txt", "");
        AssertFails($"{empty} gives no tokenizer. Merges are learned from a text, but it is empty.", "tokenizer", "train", empty, "--out", PathOf("made"));
        AssertFails(
            $"{empty} gives no tokenizer. Pieces are learned from a text, but it has no characters.",
            "tokenizer", "train", empty, "--type", "unigram", "--out", PathOf("made"));
    }

    /// <summary>Those that there is no room for are spelled as bytes.</summary>
    [Fact]
    public void A_text_of_more_characters_than_tokens_gives_a_tokenizer()
    {
        string letters = Write("letters.txt", "abcd");
        CommandResult trained = InklingCommand.Run("tokenizer", "train", letters, "--type", "unigram", "--size", "261", "--out", PathOf("made"));

        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.Contains("unigram, 261 tokens", trained.Output, StringComparison.Ordinal);
        Tokenizer loaded = TokenizerFiles.Load(PathOf("made"));
        Assert.Equal("abcd", loaded.Decode(loaded.Encode("abcd")));
    }

    [Theory]
    [InlineData("--pattern is 'gpt5'; choose gpt2, gpt4, gpt4o, llama3, qwen2", "--pattern", "gpt5")]
    [InlineData("--special is \"a\", which is how a single byte is written; it must be longer.", "--special", "a")]
    public void Options_are_called_by_their_names(string message, params string[] options)
    {
        CommandResult result = InklingCommand.Run(["tokenizer", "train", Write("a.txt", "the cat"), "--out", PathOf("made"), .. options]);
        Assert.Equal((2, $"inkling: {message}\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void Half_of_a_pair_says_what_is_missing()
    {
        string vocabulary = Write("vocab.json", "{}");
        AssertFails($"{vocabulary}: is half of a tokenizer; merges.txt must be beside it", "tokenizer", "encode", "--tokenizer", vocabulary, "--text", "a");
    }

    [Fact]
    public void An_empty_text_has_no_tokens_and_no_blank_lines()
    {
        Assert.Equal(
            "tokens        0 of a vocabulary of 256, 0 different ones\ntext          0 bytes, 0 characters\n",
            InklingCommand.Run("tokenizer", "show", "--tokenizer", Bytes(), "--text", "").Output);
        Assert.Equal("""{"ids":[],"byteCount":0}""" + "\n", InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--text", "", "--json").Output);
        Assert.Contains(
            "both need the same number of tokens", InklingCommand.Run("tokenizer", "compare", Bytes(), Bytes(), Write("empty.txt", "")).Output, StringComparison.Ordinal);
        AssertFails("empty.txt is empty; there is nothing to measure", "bench", "tokenizer", "--tokenizer", Bytes(), "--file", PathOf("empty.txt"));
    }

    [Fact]
    public void Lines_before_one_that_cannot_be_encoded_are_written()
    {
        TokenizerFiles.Save(PathOf("characters"), CharacterTokenizer.Train("ab"u8));
        CommandResult result = InklingCommand.Run("tokenizer", "encode", "--tokenizer", PathOf("characters"), "--file", Write("lines.txt", "ab\nc\n"), "--lines");
        Assert.Equal((1, "0 1\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public void Ids_of_a_long_text_are_those_of_a_short_one()
    {
        string file = Write("long.txt", new string('a', 200_000));
        string expected = string.Join(' ', Enumerable.Repeat("97", 200_000)) + "\n";
        Assert.Equal(expected, InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--file", file).Output);
        JsonObject line = Assert.Single(InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--file", file, "--offsets", "--json").Json);
        Assert.Equal((200_000, 200_000), (line["ids"]!.AsArray().Count, line["offsets"]!.AsArray().Count));
    }

    [Fact]
    public void Steps_of_a_long_text_are_those_of_its_beginning()
    {
        string file = Write("long.txt", string.Concat(Enumerable.Repeat("é ", 400_000)));
        string output = InklingCommand.Run("tokenizer", "show", "--tokenizer", Trained(), "--file", file, "--steps").Output;
        Assert.EndsWith("and further pieces\n", output, StringComparison.Ordinal);
        AssertFails(
            "the text has 1200000 bytes; --steps with --json takes 1048576 at most", "tokenizer", "show", "--tokenizer", Trained(), "--file", file, "--steps", "--json");
    }

    [Fact]
    public void Decoded_bytes_go_to_a_file_and_not_to_a_folder() =>
        AssertFails($"{Bytes()} is a folder; --out takes a file", "tokenizer", "decode", "--tokenizer", Bytes(), "--ids", "1", "--out", Bytes());

    private static void AssertFails(string message, params string[] args)
    {
        CommandResult result = InklingCommand.Run(args);
        Assert.Equal((1, $"inkling: {message}\n"), (result.ExitCode, result.Error));
    }

    private string Trained()
    {
        string folder = PathOf("trained");
        if (!Directory.Exists(folder))
            InklingCommand.Run("tokenizer", "train", Write("small.txt", "é é é é "), "--size", "259", "--out", folder);

        return folder;
    }

    private string Bytes()
    {
        string folder = PathOf("bytes-tokenizer");
        if (!Directory.Exists(folder))
            TokenizerFiles.Save(folder, ByteTokenizer.Create());

        return folder;
    }

    private string Write(string name, string text)
    {
        File.WriteAllBytes(PathOf(name), Encoding.UTF8.GetBytes(text));
        return PathOf(name);
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
