using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Inkling.Text;
using Inkling.Text.Learning;
using Inkling.Text.Splitting;

namespace Inkling.Tests.Text.Learning;

public sealed class BytePairTrainerTests
{
    private static readonly BytePairTrainingOptions NoSpecialTokens = new() { VocabularySize = 256 + 60, SpecialTokens = [], ThreadCount = 1 };

    // Few letters, so that pairs overlap and counts are equal; spaces, so that there are pieces.
    private static readonly Gen<byte[]> Texts = Gen.OneOf(
        TextsOf("ab "), TextsOf("a^ '"), TextsOf("abcd  \n"), TextsOf("ab1.,' \t\r\n\u3000"), TextsOf("aé\U0001F600 "), RandomText.Bytes.Where(bytes => bytes.Length > 0),
        Gen.Choose(1, 3000).Select(count => Encoding.UTF8.GetBytes(new string('a', count))));

    [Fact]
    public void No_token_is_longer_than_what_can_be_read_from_a_file()
    {
        // Spaces are written with two bytes each, and double in length with each merge.
        TrainedTokenizer trained = Train(Encoding.UTF8.GetBytes(new string(' ', 10_000)), NoSpecialTokens);
        Assert.Equal(512, TokensOf(trained).Max(token => token.Length));

        using var saved = new MemoryStream();
        trained.Tokenizer.Save(saved);
        saved.Position = 0;
        Assert.Equal(trained.Tokenizer.VocabularySize, HuggingFaceTokenizer.Load(saved).VocabularySize);
    }

    [Fact]
    public void Pairs_merge_by_their_count_and_then_by_their_ids()
    {
        // "ab" is seen four times and "cd" too; then " ab" twice. What is seen once stays as it is.
        TrainedTokenizer trained = Train("ab,ab,cd,cd,cd,cd, ab, ab, x"u8.ToArray(), NoSpecialTokens with { Pattern = "gpt2" });

        Assert.Equal(["ab", "cd", " ab"], TokensOf(trained).Skip(256));
        Assert.False(trained.IsComplete);
        Assert.Equal((28, 17), (trained.ByteCount, trained.PieceCount));
        Assert.Equal(5, trained.UniquePieceCount); // ab | , | cd | _ab | _x
        Assert.Equal([256, ',', 258, ',', 257, ' ', 'x'], trained.Tokenizer.Encode("ab, ab,cd x"));
    }

    [Fact]
    public void A_run_of_one_letter_is_halved_from_the_left()
    {
        TrainedTokenizer trained = Train("aaaaaaa"u8.ToArray(), NoSpecialTokens with { MinimumPairCount = 1 });

        // 7 = 2 2 2 1; (2, 2) is there twice, then (4, 2) and (2, 1) once each, and the smaller left id comes first.
        Assert.Equal(["aa", "aaaa", "aaa", "aaaaaaa"], TokensOf(trained).Skip(256));
    }

    [Fact]
    public void Merges_are_those_of_counting_anew_each_time() =>
        Law.Holds(Texts, text =>
        {
            foreach (long minimum in (long[])[1, 2, 5])
            {
                (List<(int, int)> merges, List<byte[]> tokens, int[] ids) = NaiveBytePairs.Learn(text, SplitPattern.Gpt2, 60, minimum);
                TrainedTokenizer trained = Train(text, NoSpecialTokens with { MinimumPairCount = minimum });
                Assert.Equal(tokens, BytesOf(trained));
                Assert.Equal(merges, MergesOf(text, minimum, 60));
                Assert.Equal(merges.Count == 60, trained.IsComplete);
                Assert.Equal(ids, trained.Tokenizer.Encode(text));
            }

            return true;
        });

    [Fact]
    public void Merges_of_long_pieces_are_those_of_counting_anew_each_time()
    {
        var random = new Random(5);
        foreach (int letters in (int[])[2, 3, 10, 64])
        {
            // No letters, digits or white space: one piece.
            byte[] text = [.. Enumerable.Range(0, 4_000).Select(_ => (byte)(0x80 + random.Next(letters)))];
            (List<(int, int)> merges, List<byte[]> tokens, int[] ids) = NaiveBytePairs.Learn(text, SplitPattern.Gpt2, 150);

            TrainedTokenizer trained = Train(text, NoSpecialTokens with { VocabularySize = 256 + 150 });
            Assert.Equal(tokens, BytesOf(trained));
            Assert.Equal(merges, MergesOf(text, 2, 150));
            Assert.Equal(ids, trained.Tokenizer.Encode(text));
        }
    }

    [Fact]
    public void Threads_and_blocks_change_nothing()
    {
        byte[] text = RandomSentences.Make(60_000, seed: 3);
        string expected = Describe(Train(text, NoSpecialTokens with { VocabularySize = 1_000 }));
        foreach (int threadCount in (int[])[1, 2, 3, 8])
        {
            foreach (int blockBytes in (int[])[1, 7, 100, 5_000, 1 << 20])
            {
                var options = NoSpecialTokens with { VocabularySize = 1_000, ThreadCount = threadCount };
                var trainer = new BytePairTrainer(options) { BlockBytes = blockBytes };
                Assert.Equal(expected, Describe(trainer.Train(text)));
                Assert.Equal(expected, Describe(trainer.Train(new TricklingStream(text))));
            }
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("gpt4")]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    public void Blocks_cut_no_piece_whatever_the_pattern(string pattern)
    {
        byte[] text = RandomSentences.Make(20_000, seed: 4);
        List<byte[]> expected = NaiveBytePairs.Learn(text, SplitPattern.ByName(pattern), 100).Tokens;
        foreach (int blockBytes in (int[])[1, 64, 1_000])
        {
            var options = NoSpecialTokens with { VocabularySize = 356, Pattern = pattern, ThreadCount = 2 };
            Assert.Equal(expected, BytesOf(new BytePairTrainer(options) { BlockBytes = blockBytes }.Train(text)));
        }
    }

    [Fact]
    public void Blocks_give_the_pieces_of_the_whole() =>
        Law.Holds(Texts, text =>
        {
            foreach (SplitPattern pattern in SplitPattern.All)
            {
                foreach (int blockBytes in (int[])[1, 5, 1_000])
                {
                    var blocks = new TextBlocks(new TricklingStream(text).Read, pattern, blockBytes, bytesRead: null);
                    (PieceTable counted, long pieceCount) = PieceCounter.Count(blocks, pattern, threadCount: 2, CancellationToken.None);
                    Dictionary<string, long> expected = PiecesOf(text, pattern).CountBy(Convert.ToHexString).ToDictionary(piece => piece.Key, piece => (long)piece.Value);
                    Assert.Equal(expected, CountsOf(counted));
                    Assert.Equal(expected.Values.Sum(), pieceCount);
                }
            }

            return true;
        });

    [Fact]
    public void A_piece_may_be_as_long_as_the_text()
    {
        byte[] text = [.. Enumerable.Repeat((byte)'^', 1_000_001)];
        TrainedTokenizer trained = new BytePairTrainer(NoSpecialTokens) { BlockBytes = 1_000 }.Train(text);

        Assert.Equal((1, 1), (trained.PieceCount, trained.UniquePieceCount));
        Assert.Equal(512, trained.Tokenizer.BytesOf(trained.Tokenizer.VocabularySize - 1).Length);
    }

    [Fact]
    public void The_tokenizer_gives_back_any_bytes()
    {
        Tokenizer tokenizer = Train(RandomSentences.Make(30_000, seed: 5), NoSpecialTokens with { VocabularySize = 600 }).Tokenizer;
        Law.Holds(RandomText.Bytes, bytes => tokenizer.DecodeBytes(tokenizer.Encode(bytes)).SequenceEqual(bytes));
    }

    [Fact]
    public void Special_tokens_come_last_and_no_text_gives_them()
    {
        byte[] text = [.. Enumerable.Repeat("<|end|> the<s>the<s>"u8.ToArray(), 500).SelectMany(bytes => bytes)];
        var options = NoSpecialTokens with { VocabularySize = 300, SpecialTokens = ["<|end|>", "<s>", "the", "Ġthe"], Pattern = "gpt2" };
        TrainedTokenizer trained = Train(text, options);
        int size = trained.Tokenizer.VocabularySize;

        Assert.Equal(["<|end|>", "<s>", "the", "Ġthe"], TokensOf(trained)[^4..]);
        Assert.Equal([size - 4, size - 3, size - 2, size - 1], trained.Tokenizer.AddedTokens.Select(token => token.Id));
        Assert.All(trained.Tokenizer.Encode(text), id => Assert.InRange(id, 0, size - 5));
        Assert.Equal(size, BytesOf(trained).Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal([size - 4, ' ', size - 2], trained.Tokenizer.Encode("<|end|> the", SpecialTokenUse.Recognize));

        // "Ġthe" is how a file writes " the": it is no token of the text either.
        Assert.DoesNotContain(" the", TokensOf(trained));
        byte[][] reserved = [.. options.SpecialTokens.Select(Encoding.UTF8.GetBytes), " the"u8.ToArray()];
        Assert.Equal(NaiveBytePairs.Learn(text, SplitPattern.Gpt2, 40, 2, reserved).Tokens, BytesOf(trained)[..^4]);
    }

    [Fact]
    public void A_vocabulary_of_bytes_and_special_tokens_needs_no_merge()
    {
        TrainedTokenizer trained = Train("aaaa"u8.ToArray(), new BytePairTrainingOptions { VocabularySize = 257 });

        Assert.True(trained.IsComplete);
        Assert.Equal([97, 97, 97, 97], trained.Tokenizer.Encode("aaaa"));
        Assert.Equal(256, Assert.Single(trained.Tokenizer.AddedTokens).Id);
    }

    [Fact]
    public void An_empty_text_is_refused()
    {
        var trainer = new BytePairTrainer(NoSpecialTokens);

        Assert.Equal("Merges are learned from a text, but it is empty.", Assert.Throws<ArgumentException>(() => trainer.Train(Array.Empty<byte>())).Message);
        Assert.Throws<ArgumentException>(() => trainer.Train(Stream.Null));
    }

    [Fact]
    public void Options_that_make_no_sense_are_named()
    {
        var valid = new BytePairTrainingOptions();
        valid.Validate();
        AssertRefused(valid with { VocabularySize = 256 }, "VocabularySize is 256; it must be 257 (256 bytes and 1 special tokens) to 10000000.");
        AssertRefused(valid with { VocabularySize = 10_000_001 }, "VocabularySize is 10000001; it must be 257 (256 bytes and 1 special tokens) to 10000000.");
        AssertRefused(valid with { MinimumPairCount = 0 }, "MinimumPairCount is 0; it must be at least 1.");
        AssertRefused(valid with { ThreadCount = 0 }, "ThreadCount is 0; it must be 1 to 1024.");
        AssertRefused(valid with { SpecialTokens = ["<s>", ""] }, "SpecialTokens[1] is empty; it must have at least two bytes.");
        AssertRefused(valid with { SpecialTokens = ["a"] }, "SpecialTokens[0] is \"a\", which is how a single byte is written; it must be longer.");
        AssertRefused(valid with { SpecialTokens = ["Ġ"] }, "SpecialTokens[0] is \"Ġ\", which is how a single byte is written; it must be longer.");
        AssertRefused(valid with { SpecialTokens = ["<s>", "<s>"] }, "SpecialTokens[1] is \"<s>\", which is there twice; each must be different.");
        AssertRefused(valid with { SpecialTokens = ["x\uD800"] }, "SpecialTokens[0] holds half a character (a lone surrogate); it must be valid text.");
        AssertRefused(valid with { SpecialTokens = null! }, "SpecialTokens is null; it must be a list, which may be empty.");
        AssertRefused(valid with { SpecialTokens = [new string('x', 1025)] }, "SpecialTokens[0] has 1025 bytes; 1024 are the most.");
        Assert.StartsWith("There is no split pattern gpt5;", Assert.Throws<ArgumentException>((valid with { Pattern = "gpt5" }).Validate).Message);
        Assert.Throws<ArgumentException>(() => new BytePairTrainer(valid with { ThreadCount = 0 }));

        static void AssertRefused(BytePairTrainingOptions options, string message) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Fact]
    public void Progress_tells_of_bytes_and_then_of_tokens()
    {
        byte[] text = RandomSentences.Make(50_000, seed: 7);
        var reports = new ReportList();
        var trainer = new BytePairTrainer(new BytePairTrainingOptions { VocabularySize = 500, ThreadCount = 2 }) { BlockBytes = 1_000 };
        trainer.Train(text, reports);

        Assert.True(reports.Count > 50);
        Assert.Equal(reports.OrderBy(report => report.BytesRead).ThenBy(report => report.TokenCount), reports);
        Assert.Equal(new TokenizerTrainingProgress(TokenizerTrainingPhase.Merging, text.Length, 500, 1), reports[^1]);
    }

    [Fact]
    public void Cancelling_ends_the_counting_and_the_merging()
    {
        byte[] text = RandomSentences.Make(50_000, seed: 8);
        foreach (bool whileMerging in (bool[])[false, true])
        {
            using var source = new CancellationTokenSource();
            var reports = new ReportList(report => Cancel(report, source));
            var trainer = new BytePairTrainer(new BytePairTrainingOptions { VocabularySize = 2_000, ThreadCount = 2 }) { BlockBytes = 1_000 };
            Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(text, reports, source.Token));
            Assert.Equal(whileMerging ? text.Length : 10_000, reports[^1].BytesRead, tolerance: whileMerging ? 0 : 9_000);

            void Cancel(TokenizerTrainingProgress report, CancellationTokenSource source)
            {
                if (whileMerging ? report.TokenCount > 0 : report.BytesRead >= 5_000)
                    source.Cancel();
            }
        }
    }

    [Fact]
    public void An_error_of_the_stream_comes_out_as_it_is()
    {
        var trainer = new BytePairTrainer(NoSpecialTokens with { ThreadCount = 4 }) { BlockBytes = 1_000 };

        Assert.Equal("broken", Assert.Throws<IOException>(() => trainer.Train(new TricklingStream(RandomSentences.Make(5_000, seed: 9), failsAtEnd: true))).Message);
    }

    /// <summary>Ten times the text, of the same pieces: what is allocated must not grow with it.</summary>
    [Fact]
    public void Memory_grows_with_the_different_pieces_only()
    {
        byte[] text = [.. RandomSentences.Make(40_000, seed: 10), (byte)'a', (byte)'\n'];
        Measure(1);
        long once = Measure(2), longer = Measure(200);

        Assert.True(longer < once + 100_000, $"{once} bytes for a text, {longer} for one 100 times as long ({200L * text.Length} bytes)");

        long Measure(int repeats)
        {
            var trainer = new BytePairTrainer(NoSpecialTokens) { BlockBytes = 1 << 14 };
            var stream = new TricklingStream(text, repeats: repeats);
            long before = GC.GetAllocatedBytesForCurrentThread();
            trainer.Train(stream);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static Gen<byte[]> TextsOf(string characters)
    {
        string[] choices = [.. characters.EnumerateRunes().Select(rune => rune.ToString())];
        return Gen.Elements(choices).NonEmptyListOf().Select(text => Encoding.UTF8.GetBytes(string.Concat(text)));
    }

    private static TrainedTokenizer Train(byte[] text, BytePairTrainingOptions options) => new BytePairTrainer(options).Train(text);

    private static string[] TokensOf(TrainedTokenizer trained) =>
        [.. Enumerable.Range(0, trained.Tokenizer.VocabularySize).Select(id => Encoding.UTF8.GetString(trained.Tokenizer.BytesOf(id)))];

    private static List<byte[]> BytesOf(TrainedTokenizer trained) =>
        [.. Enumerable.Range(0, trained.Tokenizer.VocabularySize).Select(id => trained.Tokenizer.BytesOf(id).ToArray())];

    private static IEnumerable<(int, int)> MergesOf(byte[] text, long minimumCount, int mergeCount)
    {
        var pieces = new PieceTable();
        foreach (byte[] piece in PiecesOf(text, SplitPattern.Gpt2))
            pieces.Add(piece, 1);

        var learner = new MergeLearner(pieces, minimumCount, []);
        while (learner.Merges.Count < mergeCount && learner.TryMerge())
        {
        }

        return learner.Merges;
    }

    private static IEnumerable<byte[]> PiecesOf(byte[] text, SplitPattern pattern)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = pattern.Next(text, ref start);
            yield return text[start..end];
        }
    }

    private static Dictionary<string, long> CountsOf(PieceTable table)
    {
        var counts = new Dictionary<string, long>();
        foreach (PieceTable.Entry entry in table)
            counts.Add(Convert.ToHexString(entry.Piece), entry.Count);

        return counts;
    }

    private static string Describe(TrainedTokenizer trained) =>
        $"{trained.ByteCount} {trained.PieceCount} {trained.UniquePieceCount}: {string.Join(' ', BytesOf(trained).Select(Convert.ToHexString))}";
}
