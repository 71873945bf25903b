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
        var trainer = new UnigramTrainer(Small with { VocabularySize = 262, CharacterCoverage = 1 });
        string message = Assert.Throws<ArgumentException>(() => trainer.Train("abcd"u8.ToArray())).Message;

        Assert.Equal(
            "VocabularySize is 262; with the 4 characters that the text is made of it must be at least 263, or CharacterCoverage (1) must be lower.", message);
        new UnigramTrainer(Small with { VocabularySize = 263, CharacterCoverage = 1 }).Train("abcd"u8.ToArray());
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

    [Fact]
    public void Cancelling_ends_the_counting_and_the_estimates()
    {
        foreach (bool whileEstimating in (bool[])[false, true])
        {
            using var source = new CancellationTokenSource();
            var reports = new ReportList(report =>
            {
                if (!whileEstimating || report.TokenCount > 0)
                    source.Cancel();
            });
            var trainer = new UnigramTrainer(Small with { ThreadCount = 2 }) { BlockBytes = 1_000 };
            Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(Text, reports, source.Token));
            Assert.Equal(whileEstimating, reports[^1].TokenCount > 0);
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
