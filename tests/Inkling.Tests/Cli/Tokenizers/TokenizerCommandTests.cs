using System.Text;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Tests.Formats;
using Inkling.Tests.Text.HuggingFace;
using Inkling.Tests.Text.SentencePiece;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Cli.Tokenizers;

/// <summary><c>inkling tokenizer</c>, as a user types it.</summary>
public sealed class TokenizerCommandTests : IDisposable
{
    private const string Text = "the cat sat on the mat, the cat sat on the hat; the rat sat on that.\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bpe", "300", "byte-level BPE")]
    [InlineData("unigram", "290", "unigram")]
    public void A_tokenizer_is_trained_and_then_encodes_decodes_and_shows(string type, string size, string kind)
    {
        var (corpus, folder) = (Corpus(), PathOf("made"));
        CommandResult trained = InklingCommand.Run("tokenizer", "train", corpus, "--type", type, "--size", size, "--out", folder);

        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.Contains($"tokenizer     {kind}, ", trained.Output, StringComparison.Ordinal);
        Assert.Contains($"tokenizer show --tokenizer {folder} --text", trained.Output, StringComparison.Ordinal);

        JsonObject encoded = Assert.Single(InklingCommand.Run("tokenizer", "encode", "--tokenizer", folder, "--file", corpus, "--json").Json);
        Assert.Equal(Encoding.UTF8.GetByteCount(File.ReadAllText(corpus)), (int)encoded["byteCount"]!);
        string ids = string.Join(' ', encoded["ids"]!.AsArray().Select(id => (int)id!));

        Assert.Equal(File.ReadAllText(corpus) + "\n", InklingCommand.Run("tokenizer", "decode", "--tokenizer", folder, "--ids", ids).Output);
        Assert.Contains("bytes per token", InklingCommand.Run("tokenizer", "show", "--tokenizer", folder, "--text", "the cat").Output, StringComparison.Ordinal);
        Assert.Contains($"kind          {kind}\n", InklingCommand.Run("tokenizer", "show", "--tokenizer", folder).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_for_programs_says_what_was_made()
    {
        JsonObject line = Assert.Single(InklingCommand.Run(
            "tokenizer", "train", Corpus(), "--size", "270", "--special", "<|a|>", "--special", "<|b|>", "--pattern", "llama3", "--out", PathOf("made"), "--json").Json);

        Assert.Equal(("bpe", 270), ((string)line["type"]!, (int)line["vocabularySize"]!));
        Assert.Equal(PathOf("made"), (string)line["folder"]!);
        Assert.Equal(["<|a|>", "<|b|>"], TokenizerFiles.Load(PathOf("made")).AddedTokens.Select(token => token.Content));
    }

    [Fact]
    public void A_text_that_gives_no_more_tokens_is_said_so()
    {
        CommandResult trained = InklingCommand.Run("tokenizer", "train", Corpus(), "--size", "100000", "--out", PathOf("made"));
        Assert.Contains("(the text gives no more; 100,000 were asked for)", trained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_that_is_there_is_not_replaced()
    {
        TokenizerFiles.Save(PathOf("made"), ByteTokenizer.Create());
        CommandResult trained = InklingCommand.Run("tokenizer", "train", Corpus(), "--out", PathOf("made"));
        Assert.Equal((1, $"inkling: {PathOf("made")}: holds a tokenizer.json already; choose another folder\n"), (trained.ExitCode, trained.Error));
    }

    [Fact]
    public void Ids_of_every_line_by_itself()
    {
        string file = PathOf("lines.txt");
        File.WriteAllBytes(file, [(byte)'a', (byte)'\n', (byte)'\n', 0xFF, (byte)'b']);
        Assert.Equal("97\n\n255 98\n", InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--file", file, "--lines").Output);
    }

    [Fact]
    public void Any_bytes_come_back_from_a_pipe_to_a_file()
    {
        byte[] bytes = [0xFF, 0, 10, 13, 0xEF, 0xBB, 0xBF, 200];
        string file = PathOf("bytes");
        File.WriteAllBytes(file, bytes);
        string ids = InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--file", file).Output;

        InklingCommand.RunWithInput(ids, "tokenizer", "decode", "--tokenizer", Bytes(), "--ids", "-", "--out", PathOf("back"));
        Assert.Equal(bytes, File.ReadAllBytes(PathOf("back")));
    }

    [Fact]
    public void What_encode_says_to_programs_decode_understands()
    {
        string line = InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--text", "hi", "--json").Output;
        Assert.Equal("hi\n", InklingCommand.RunWithInput(line, "tokenizer", "decode", "--tokenizer", Bytes(), "--ids", "-").Output);
    }

    [Fact]
    public void Standard_input_is_a_text_too() =>
        Assert.Equal("104 105\n", InklingCommand.RunWithInput("hi", "tokenizer", "encode", "--tokenizer", Bytes(), "--file", "-").Output);

    [Fact]
    public void Offsets_stand_behind_the_ids()
    {
        Assert.Equal("104[0,1) 105[1,2)\n", InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--text", "hi", "--offsets").Output);
        Assert.Equal(
            """{"ids":[104],"offsets":[[0,1]],"byteCount":1}""" + "\n",
            InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--text", "h", "--offsets", "--json").Output);
    }

    [Fact]
    public void Special_tokens_are_meant_only_where_that_is_asked_for()
    {
        string folder = PathOf("made");
        InklingCommand.Run("tokenizer", "train", Corpus(), "--size", "257", "--out", folder);
        Assert.Equal("256\n", InklingCommand.Run("tokenizer", "encode", "--tokenizer", folder, "--text", "<|endoftext|>", "--special").Output);
        Assert.StartsWith("60 124 ", InklingCommand.Run("tokenizer", "encode", "--tokenizer", folder, "--text", "<|endoftext|>").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_counts_tokens_and_shows_words()
    {
        string folder = PathOf("made");
        InklingCommand.Run("tokenizer", "train", Corpus(), "--size", "280", "--out", folder);
        string output = InklingCommand.Run("tokenizer", "compare", Bytes(), folder, Corpus()).Output;

        Assert.Contains("fewer tokens", output, StringComparison.Ordinal);
        Assert.Contains("words that differ most", output, StringComparison.Ordinal);
        JsonObject line = Assert.Single(InklingCommand.Run("tokenizer", "compare", Bytes(), folder, Corpus(), "--json").Json);
        Assert.Equal((int)line["byteCount"]!, (int)line["a"]!["tokenCount"]!);
    }

    [Fact]
    public void Steps_are_shown_in_their_order()
    {
        string folder = PathOf("made");
        InklingCommand.Run("tokenizer", "train", Corpus(), "--size", "300", "--out", folder);
        string output = InklingCommand.Run("tokenizer", "show", "--tokenizer", folder, "--text", "the cat", "--steps").Output;

        Assert.Contains("normalised: the␣cat\n", output, StringComparison.Ordinal);
        Assert.Contains("the → the\n", output, StringComparison.Ordinal);
        JsonObject line = Assert.Single(InklingCommand.Run("tokenizer", "show", "--tokenizer", folder, "--text", "the", "--steps", "--json").Json);
        Assert.Equal("the", (string)line["pieces"]![0]!["text"]!);
    }

    [Fact]
    public void A_model_is_trained_on_the_tokens_of_a_trained_tokenizer()
    {
        string run = PathOf("run");
        CommandResult trained = InklingCommand.Run(
            "train", Corpus(), "--tokenizer", "bpe:300", "--layer-count", "1", "--width", "16", "--head-count", "2", "--context-length", "8", "--steps", "4",
            "--evaluate-every", "4", "--sample-tokens", "4", "--out", run);

        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.Contains("tokenizer     byte-level BPE\n", trained.Output, StringComparison.Ordinal);
        Assert.Contains(" bytes each\n", trained.Output, StringComparison.Ordinal);
        Assert.Equal(0, InklingCommand.Run("train", "--resume", "--out", run, "--steps", "4").ExitCode);
        CommandResult evaluated = InklingCommand.Run("evaluate", run, "--json");
        Assert.InRange((double)Assert.Single(evaluated.Json)["bitsPerByte"]!, 0.1, 8);
        Assert.Equal(0, InklingCommand.Run("generate", run, "--prompt", "the", "--tokens", "3").ExitCode);
        Assert.Equal(0, InklingCommand.Run("verify", run).ExitCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_of_any_text_is_trained_on_what_a_tokenizer_makes_of_it(bool ofScenes)
    {
        // It leaves nothing of the line break with which samples begin, and puts a space before every word.
        string tokenizer = PathOf("tokenizer.json");
        File.WriteAllBytes(tokenizer, TokenizerFile.OfScores().ToBytes());
        string[] text = ofScenes ? ["--scene-characters", "6000"] : [Corpus()];
        CommandResult trained = InklingCommand.Run(
            ["train", .. text, "--tokenizer", tokenizer, "--layer-count", "1", "--width", "16", "--head-count", "2", "--context-length", "8", "--steps", "2",
            "--sample-tokens", "4", "--out", PathOf("run")]);

        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.DoesNotContain("floor", trained.Output, StringComparison.Ordinal);
        CommandResult refused = InklingCommand.Run("generate", PathOf("run"), "--prompt", "\n");
        Assert.Equal((1, "inkling: the model's tokenizer leaves nothing of the prompt; give one with letters\n"), (refused.ExitCode, refused.Error));
    }

    [Fact]
    public void A_tokenizer_that_no_model_can_be_kept_with_is_refused_at_once()
    {
        string model = PathOf("suffix.model");
        byte[] spaceBehind = new ModelWriter().Flag(24, true).ToArray();
        File.WriteAllBytes(model, ModelWriter.Model(1, [new VocabularyPiece("a", -1, PieceKind.Normal)], spaceBehind));
        CommandResult refused = InklingCommand.Run("train", Corpus(), "--tokenizer", model, "--out", PathOf("run"));
        Assert.Equal(
            (1, $"inkling: {model} cannot be kept with a model: tokenizer.json cannot say that words carry their space at the end.\n"),
            (refused.ExitCode, refused.Error));
    }

    [Fact]
    public void A_pattern_that_takes_too_long_is_an_error_of_one_line()
    {
        string tokenizer = PathOf("tokenizer.json");
        File.WriteAllBytes(tokenizer, TokenizerFile.OfPieces()
            .With("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "(a+)+(?=b)"}, "behavior": "Isolated", "invert": false}""").ToBytes());
        CommandResult result = InklingCommand.Run("tokenizer", "encode", "--tokenizer", tokenizer, "--text", new string('a', 60) + "c");
        Assert.Equal((1, "inkling: The regular expression \"(a+)+(?=b)\" was not through 61 bytes of text after 2 s.\n"), (result.ExitCode, result.Error));
    }

    [UnixFact]
    public void A_tokenizer_is_trained_from_a_pipe()
    {
        string pipe = PathOf("pipe");
        System.Diagnostics.Process.Start("mkfifo", [pipe])!.WaitForExit();
        string text = File.ReadAllText(Corpus());
        Task writing = Task.Run(() => File.WriteAllText(pipe, text));
        CommandResult trained = InklingCommand.Run("tokenizer", "train", pipe, "--size", "270", "--out", PathOf("made"));

        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        Assert.DoesNotContain("compression", trained.Output, StringComparison.Ordinal);
        Assert.True(writing.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(270, TokenizerFiles.Load(PathOf("made")).VocabularySize);
    }

    [Theory]
    [InlineData("tokenizer what? choose train, encode, decode, show, compare", "tokenizer")]
    [InlineData("which text? give --text or --file", "tokenizer", "encode", "--tokenizer", "x")]
    [InlineData("give one text: --text or --file", "tokenizer", "encode", "--tokenizer", "x", "--text", "a", "--file", "b")]
    [InlineData("--ids has '1x', which is no token id; give whole numbers such as 15496 11 995", "tokenizer", "decode", "--tokenizer", "x", "--ids", "1x")]
    [InlineData("--type is 'words'; choose bpe or unigram", "tokenizer", "train", "x.txt", "--out", "y", "--type", "words")]
    [InlineData("--size is '0'; it must be a whole number, 1 or more", "tokenizer", "train", "x.txt", "--out", "y", "--size", "0")]
    [InlineData("--pattern and --special are for --type bpe; leave them out", "tokenizer", "train", "x.txt", "--out", "y", "--type", "unigram", "--pattern", "gpt2")]
    public void Wrong_usage_is_one_line(string message, params string[] args)
    {
        CommandResult result = InklingCommand.Run(args);
        Assert.Equal((2, $"inkling: {message}\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("bpe:many")]
    [InlineData("bpe:")]
    public void A_tokenizer_that_does_not_exist_is_named_with_those_that_do(string tokenizer)
    {
        CommandResult result = InklingCommand.Run("train", Corpus(), "--tokenizer", tokenizer);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"inkling: --tokenizer is '{tokenizer}'; it", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_opened_fails_with_its_path()
    {
        Assert.Equal(1, InklingCommand.Run("tokenizer", "encode", "--tokenizer", PathOf("none"), "--text", "a").ExitCode);
        CommandResult result = InklingCommand.Run("tokenizer", "encode", "--tokenizer", Bytes(), "--file", PathOf("none.txt"));
        Assert.Equal((1, $"inkling: {PathOf("none.txt")} does not exist\n"), (result.ExitCode, result.Error));
        Assert.Contains("300 is outside the vocabulary", InklingCommand.Run("tokenizer", "decode", "--tokenizer", Bytes(), "--ids", "300").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Speed_is_measured_on_any_text()
    {
        JsonObject line = Assert.Single(InklingCommand.Run("bench", "tokenizer", "--tokenizer", Bytes(), "--file", Corpus(), "--json").Json);
        Assert.True((double)line["megabytesPerSecond"]! > 0);
    }

    private string Corpus()
    {
        string path = PathOf("corpus.txt");
        if (!File.Exists(path))
            File.WriteAllText(path, string.Concat(Enumerable.Repeat(Text, 30)));

        return path;
    }

    private string Bytes()
    {
        string folder = PathOf("bytes-tokenizer");
        if (!Directory.Exists(folder))
            TokenizerFiles.Save(folder, ByteTokenizer.Create());

        return folder;
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
