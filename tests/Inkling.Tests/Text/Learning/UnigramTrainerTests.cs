using System.Text;
using FsCheck.Fluent;
using Inkling.Tests.Text.SentencePiece;
using Inkling.Text;
using Inkling.Text.Learning;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.Learning;

public sealed class UnigramTrainerTests
{
    private static readonly UnigramTrainingOptions Small = new() { VocabularySize = 450, ThreadCount = 1 };
    private static readonly byte[] Text = RandomSentences.Make(40_000, seed: 11);

    [Fact]
    public void Words_that_come_often_become_pieces_and_the_most_probable_is_the_first()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the cat sat on the mat, the dog on the log. ", 50)));
        TrainedTokenizer trained = Train(text, Small with { VocabularySize = 290, FallsBackToBytes = false });

        Assert.Equal(["<unk>", "<s>", "</s>", " the"], TokensOf(trained)[..4]);
        Assert.False(trained.IsComplete);
        Assert.Equal([" the", " cat", " on", " the", " mat", ","], Split(trained, "the cat on the mat,"));
        Assert.Equal([3], trained.Tokenizer.Encode("the"));
    }

    [Fact]
    public void The_vocabulary_has_the_size_that_was_asked_for_and_every_character_of_the_text()
    {
        TrainedTokenizer trained = Train(Text, Small);
        string[] tokens = TokensOf(trained);
        IEnumerable<string> characters = Encoding.UTF8.GetString(Text).EnumerateRunes().Select(rune => rune.ToString()).Distinct();

        Assert.True(trained.IsComplete);
        Assert.Equal(450, trained.Tokenizer.VocabularySize);
        Assert.Equal((long)Text.Length, trained.ByteCount);
        Assert.Equal(["<s>", "</s>"], trained.Tokenizer.AddedTokens.Select(token => token.Content));
        Assert.Equal(Enumerable.Range(0, 256), Enumerable.Range(3, 256).Select(id => (int)Assert.Single(trained.Tokenizer.BytesOf(id).ToArray())));
        Assert.Empty(characters.Except(tokens[259..]));
        Assert.Equal(tokens.Length - 259, tokens[259..].Distinct().Count());
    }

    [Fact]
    public void Pieces_stay_within_words_and_kinds_of_characters()
    {
        IEnumerable<string> pieces = TokensOf(Train(Text, Small with { VocabularySize = 1_000, MaximumPieceLength = 5 }))[259..];

        Assert.All(pieces, piece =>
        {
            Assert.InRange(piece.Length, 1, 5);
            Assert.DoesNotContain(' ', piece[1..]);
            Assert.Single(piece.Length > 1 ? piece.TrimStart(' ').Select(KindOf).Distinct() : "x");
        });

        static char KindOf(char value) => char.IsLetter(value) ? 'a' : char.IsDigit(value) ? '0' : value is '\n' or '\r' ? 'n' : '.';
    }

    [Fact]
    public void Threads_and_blocks_change_nothing()
    {
        string expected = Describe(Train(Text, Small));
        foreach (int threadCount in (int[])[2, 5])
        {
            foreach (int blockBytes in (int[])[1, 1_000])
            {
                var trainer = new UnigramTrainer(Small with { ThreadCount = threadCount }) { BlockBytes = blockBytes };
                Assert.Equal(expected, Describe(trainer.Train(Text)));
                Assert.Equal(expected, Describe(trainer.Train(new TricklingStream(Text))));
            }
        }
    }

    [Fact]
    public void Any_text_comes_back()
    {
        Tokenizer tokenizer = Train(Text, Small).Tokenizer;
        Law.Holds(RandomText.Strings.Where(text => !text.Contains('\u2581')), text => tokenizer.Decode(tokenizer.Encode(text)) == text);
        string spaced = "  two  spaces\n\n and lines \r\n";
        Assert.Equal(spaced, tokenizer.Decode(tokenizer.Encode(spaced)));
        Assert.Equal(Text, tokenizer.DecodeBytes(tokenizer.Encode(Text)));
    }

    [Fact]
    public void No_text_gives_a_control_token()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<s> end the end ", 100)));
        TrainedTokenizer trained = Train(text, Small with { VocabularySize = 300, ControlTokens = ["<s>", "end", "\u2581the"] });

        Assert.All(trained.Tokenizer.Encode(text), id => Assert.InRange(id, 4, trained.Tokenizer.VocabularySize));
        Assert.DoesNotContain("end", TokensOf(trained)[4..]);
        Assert.DoesNotContain(" the", TokensOf(trained)[4..]);
        Assert.Equal(1, trained.Tokenizer.Encode("x", SpecialTokenUse.Add)[0]);
    }

    [Fact]
    public void Without_bytes_a_character_that_was_not_seen_is_unknown()
    {
        Tokenizer tokenizer = Train(Text, Small with { FallsBackToBytes = false }).Tokenizer;

        Assert.Contains(0, tokenizer.Encode("\u4E00"));
        Assert.DoesNotContain(0, Train(Text, Small).Tokenizer.Encode("\u4E00"));
    }

    [Fact]
    public void A_text_without_characters_is_refused()
    {
        var trainer = new UnigramTrainer(Small);

        Assert.Equal(
            "Pieces are learned from a text, but it has no characters.", Assert.Throws<ArgumentException>(() => trainer.Train(Array.Empty<byte>())).Message);
        Assert.Throws<ArgumentException>(() => trainer.Train(new byte[] { 0xFF, 0xFE }));
    }

    [Fact]
    public void A_text_of_more_characters_than_pieces_is_refused()
    {
        UnigramTrainingOptions withoutBytes = Small with { VocabularySize = 7, CharacterCoverage = 1, FallsBackToBytes = false };
        var trainer = new UnigramTrainer(withoutBytes);
        string message = Assert.Throws<ArgumentException>(() => trainer.Train("abcd"u8.ToArray())).Message;

        Assert.Equal(
            "VocabularySize is 7; with the 5 characters that the text is made of, and the space before it, it must be at least 8, or CharacterCoverage (1) must be lower, "
            + "or FallsBackToBytes true.",
            message);
        Assert.Equal(8, Train("abcd"u8.ToArray(), withoutBytes with { VocabularySize = 8 }).Tokenizer.VocabularySize);
    }

    [Fact]
    public void Of_more_characters_than_pieces_the_rarest_are_spelled_as_bytes()
    {
        byte[] text = Encoding.UTF8.GetBytes("aaaa ééé bb c");
        TrainedTokenizer trained = Train(text, Small with { VocabularySize = 262, CharacterCoverage = 1 });

        Assert.Equal(["a", " ", "é"], TokensOf(trained)[259..].OrderByDescending(token => token == "a").ThenBy(token => token, StringComparer.Ordinal));
        Assert.True(trained.IsComplete);
        Assert.Equal([3 + 'b', 3 + 'b'], trained.Tokenizer.Encode("bb")[1..]);
        Assert.Equal(text, trained.Tokenizer.DecodeBytes(trained.Tokenizer.Encode(text)));
    }

    [Fact]
    public void Random_bytes_are_learned_from()
    {
        var random = new Random(3);
        byte[] text = new byte[100_000];
        random.NextBytes(text);
        TrainedTokenizer trained = Train(text, Small with { VocabularySize = 500 });

        Assert.Equal(500, trained.Tokenizer.VocabularySize);
        Assert.Equal(text.Length, trained.ByteCount);
    }

    /// <summary>A long run is counted in equal parts, so that what is learned from does not grow with it.</summary>
    [Theory]
    [InlineData("^")]
    [InlineData("ab")]
    [InlineData("漢")]
    [InlineData("\U0001F600")]
    [InlineData("e\u0301")]
    [InlineData("\n")]
    [InlineData(" ")]
    [InlineData("1,")]
    public void Of_a_long_run_a_few_parts_are_learned_from(string unit)
    {
        byte[] run = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(unit, 30_011)));
        TrainedTokenizer trained = Train(run, Small);

        Assert.InRange(trained.UniquePieceCount, 1, 2);
        Assert.Equal(run, trained.Tokenizer.DecodeBytes(trained.Tokenizer.Encode(run)));
        string[] pieces = TokensOf(trained)[259..];
        Assert.Equal(unit is " " or "1," ? 1 : 16, pieces.Max(piece => piece.EnumerateRunes().Count()));
    }

    /// <summary>The words of a text of no repetitions are all that is kept of it: twice the text takes about twice the memory.</summary>
    [Fact]
    public void Memory_grows_with_the_different_words()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(100_000, 100_000)));
        _ = AllocatedBytes(text[..10_000]);
        double half = AllocatedBytes(text[..(text.Length / 2)]);
        double whole = AllocatedBytes(text);

        Assert.InRange(whole / half, 1, 2.6);

        static double AllocatedBytes(byte[] text)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Train(text, Small);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Options_that_make_no_sense_are_named()
    {
        var valid = new UnigramTrainingOptions();
        valid.Validate();
        AssertRefused(valid with { VocabularySize = 259 }, "VocabularySize is 259; it must be 260 (259 tokens that are no text, and one piece) to 1000000.");
        AssertRefused(valid with { CharacterCoverage = double.NaN }, "CharacterCoverage is NaN; it must be above 0 and at most 1.");
        AssertRefused(valid with { ShrinkingFactor = 1 }, "ShrinkingFactor is 1; it must be 0.1 to 0.99.");
        AssertRefused(valid with { EstimateCount = 0 }, "EstimateCount is 0; it must be 1 to 100.");
        AssertRefused(valid with { MaximumPieceLength = 0 }, "MaximumPieceLength is 0; it must be 1 to 100.");
        AssertRefused(valid with { ThreadCount = 0 }, "ThreadCount is 0; it must be 1 to 1024.");
        AssertRefused(
            valid with { UnknownToken = "" }, "UnknownToken is \"\"; it must have two characters or more, since one may be a piece of text.");
        AssertRefused(
            valid with { ControlTokens = ["<s>", "x"] },
            "ControlTokens[1] is \"x\"; it must have two characters or more, since one may be a piece of text.");
        AssertRefused(valid with { ControlTokens = ["<0x0A>"] }, "ControlTokens[0] is \"<0x0A>\", which is how a byte is written; it must be another name.");
        AssertRefused(valid with { ControlTokens = [new string('x', 257)] }, "ControlTokens[0] has 257 bytes; 256 are the most.");
        AssertRefused(valid with { ControlTokens = ["<unk>"] }, "ControlTokens[0] is \"<unk>\", which is there twice; each must be different.");
        AssertRefused(valid with { ControlTokens = ["a\uD800"] }, "ControlTokens[0] is not valid text (a lone surrogate); it must be.");
        AssertRefused(valid with { ControlTokens = null! }, "ControlTokens is null; it must be a list, which may be empty.");
        Assert.Throws<ArgumentException>(() => new UnigramTrainer(valid with { ThreadCount = 0 }));

        static void AssertRefused(UnigramTrainingOptions options, string message) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Theory]
    [InlineData(TokenizerTrainingPhase.Reading)]
    [InlineData(TokenizerTrainingPhase.Searching)]
    [InlineData(TokenizerTrainingPhase.Choosing)]
    public void Cancelling_ends_the_work_in_every_phase(TokenizerTrainingPhase phase)
    {
        using var source = new CancellationTokenSource();
        var reports = new ReportList(report =>
        {
            if (report.Phase == phase)
                source.Cancel();
        });
        var trainer = new UnigramTrainer(Small with { ThreadCount = 2 }) { BlockBytes = 1_000 };
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(Text, reports, source.Token));
        Assert.Equal(phase, reports[^1].Phase);
    }

    [Fact]
    public void Cancelling_ends_the_reading_of_a_word_without_end()
    {
        using var source = new CancellationTokenSource();
        var reports = new ReportList(report =>
        {
            if (report.BytesRead > 1_000_000)
                source.Cancel();
        });
        var text = new TricklingStream("^"u8.ToArray(), repeats: int.MaxValue);
        Assert.ThrowsAny<OperationCanceledException>(() => new UnigramTrainer(Small).Train(text, reports, source.Token));
        Assert.InRange(reports[^1].BytesRead, 1_000_000, 10_000_000);
    }

    [Fact]
    public void Reports_move_in_every_phase_and_end_with_the_vocabulary()
    {
        var reports = new ReportList();
        byte[] text = RandomSentences.Make(200_000, seed: 12);
        new UnigramTrainer(Small with { ThreadCount = 2 }) { BlockBytes = 10_000 }.Train(text, reports);

        Assert.Equal(reports.OrderBy(report => report.Phase), reports);
        AssertMoves(TokenizerTrainingPhase.Reading, report => report.BytesRead, text.Length);
        AssertMoves(TokenizerTrainingPhase.Searching, report => report.Fraction, 1);
        AssertMoves(TokenizerTrainingPhase.Choosing, report => report.Fraction, 1);
        AssertMoves(TokenizerTrainingPhase.Choosing, report => -report.TokenCount, -450);

        void AssertMoves(TokenizerTrainingPhase phase, Func<TokenizerTrainingProgress, double> value, double last)
        {
            double[] values = [.. reports.Where(report => report.Phase == phase).Select(value)];
            Assert.Equal(values.Order(), values);
            Assert.InRange(values.Distinct().Count(), phase == TokenizerTrainingPhase.Searching ? 1 : 5, int.MaxValue);
            Assert.Equal(last, values[^1], 1e-9);
        }
    }

    /// <summary>Not more tokens than what SentencePiece's own trainer makes of the same size; it has found 13 % fewer.</summary>
    [TheoryWithSentencePiece]
    [InlineData(2_000)]
    [InlineData(4_000)]
    public void Texts_are_not_longer_than_with_SentencePiece(int size)
    {
        using var programs = new SentencePiecePrograms();
        Tokenizer theirs = SentencePieceTokenizer.Load(new MemoryStream(programs.Train($"--model_type=unigram --vocab_size={size}")));
        byte[] text = [.. programs.TrainingLines.SelectMany(line => line.Append((byte)'\n'))];
        var options = new UnigramTrainingOptions { VocabularySize = size, FallsBackToBytes = false, LinesAreTexts = true };
        Tokenizer ours = Train(text, options).Tokenizer;

        Assert.Equal(size, ours.VocabularySize);
        Assert.InRange(CountOf(ours) / CountOf(theirs), 0.8, 1.02);

        double CountOf(Tokenizer tokenizer) => programs.OtherLines.Sum(line => tokenizer.Encode(line).Length);
    }

    private static TrainedTokenizer Train(byte[] text, UnigramTrainingOptions options) => new UnigramTrainer(options).Train(text);

    private static string[] TokensOf(TrainedTokenizer trained) => [.. PiecesOf(trained).Select(piece => piece.Text.Replace('\u2581', ' '))];

    private static VocabularyPiece[] PiecesOf(TrainedTokenizer trained) =>
        ((UnigramModel)((PipelineTokenizer)trained.Tokenizer).Pipeline.Model).Vocabulary.Pieces;

    private static string[] Split(TrainedTokenizer trained, string text) =>
        [.. trained.Tokenizer.Encode(text).Select(id => Encoding.UTF8.GetString(trained.Tokenizer.BytesOf(id)))];

    private static string Describe(TrainedTokenizer trained) =>
        $"{trained.ByteCount} {trained.PieceCount} {trained.UniquePieceCount}: {string.Join(' ', PiecesOf(trained))}";
}
