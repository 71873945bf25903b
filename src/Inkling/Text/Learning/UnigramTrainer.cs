using System.Text;
using Inkling.Text.SentencePiece;
using Inkling.Text.Subwords;

namespace Inkling.Text.Learning;

/// <summary>
/// Learns a unigram tokenizer as SentencePiece has it: pieces with probabilities, of which a text takes those that make it most probable.
/// Kudo, <i>Subword Regularization</i>, 2018.
/// </summary>
/// <remarks>
/// A piece is part of one word, with the space before it as ▁, and holds either letters, or digits, or line ends, or other characters. The text is not
/// normalised: spaces and line ends stay, so that it comes back (but for ▁ itself, which is a space, and for what is not UTF-8). The ids are those of the
/// unknown token, the control tokens, the bytes, and the pieces, the most probable first. Time and memory grow with the different words; longer ones than 64
/// characters are learned from in parts. What is not UTF-8 divides words. A text without characters is an error, and so are, where bytes do not stand for the
/// rarest, more characters than the vocabulary has room for.
/// </remarks>
public sealed class UnigramTrainer : TokenizerTrainer
{
    // As SentencePiece has it.
    private const int MaximumSeedCount = 1_000_000;

    // Characters after which longer words are cut at least; a piece of the usual length lies across few of the cuts.
    private const int LeastWordLength = 64;

    private readonly UnigramTrainingOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public UnigramTrainer(UnigramTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    private protected override TrainedTokenizer Train(TextBlocks.Reader read, IProgress<TokenizerTrainingProgress>? progress, CancellationToken cancellation)
    {
        (UnigramWords words, Counts counts) = Read(read, progress, cancellation);
        int wanted = _options.VocabularySize - _options.ReservedCount;
        Check(words, wanted);
        List<UnigramPiece> seeds = SeedPieces.Find(
            words,
            _options.MaximumPieceLength,
            MaximumSeedCount,
            _options.ThreadCount,
            (share, count) => Report(TokenizerTrainingPhase.Searching, count, share),
            cancellation);
        var learner = new UnigramLearner(words, seeds, _options, (share, count) => Report(TokenizerTrainingPhase.Choosing, count, share), cancellation);
        List<(byte[] Bytes, double Score)> best = learner.Learn();
        Report(TokenizerTrainingPhase.Choosing, best.Count, 1);
        return new TrainedTokenizer(Build(best), counts.Bytes, counts.Pieces, counts.UniquePieces, best.Count == wanted);

        void Report(TokenizerTrainingPhase phase, int count, double share) =>
            progress?.Report(new(phase, counts.Bytes, count + _options.ReservedCount, share));
    }

    // The table of pieces ends with it: the words have all of it that is needed.
    private (UnigramWords Words, Counts Counts) Read(TextBlocks.Reader read, IProgress<TokenizerTrainingProgress>? progress, CancellationToken cancellation)
    {
        int added = _options.LinesAreTexts ? 1 : 0;
        var splitter = new SpacedWordSplitter(Math.Max(LeastWordLength, 4 * _options.MaximumPieceLength), _options.LinesAreTexts);
        var blocks = new TextBlocks(_options.LinesAreTexts ? AfterLineEnd(read) : read, splitter, BlockBytes, bytes =>
        {
            cancellation.ThrowIfCancellationRequested(); // one block may be as long as the text
            progress?.Report(new(TokenizerTrainingPhase.Reading, bytes - added, 0, 0));
        });
        (PieceTable table, long pieceCount) = PieceCounter.Count(blocks, splitter, _options.ThreadCount, cancellation);
        int most = _options.FallsBackToBytes ? _options.VocabularySize - _options.ReservedCount : int.MaxValue;
        var words = new UnigramWords(table, _options.CharacterCoverage, most, _options.LinesAreTexts, cancellation);
        return (words, new Counts(blocks.ByteCount - added, pieceCount, table.Count));
    }

    // The first line begins like the others.
    private static TextBlocks.Reader AfterLineEnd(TextBlocks.Reader read)
    {
        bool isFirst = true;
        return buffer =>
        {
            if (!isFirst)
                return read(buffer);

            isFirst = false;
            buffer[0] = (byte)'\n';
            return 1;
        };
    }

    private void Check(UnigramWords words, int wanted)
    {
        if (words.Count == 0)
            throw new ArgumentException("Pieces are learned from a text, but it has no characters.");

        if (words.Characters.Count <= wanted)
            return;

        int smallest = words.Characters.Count + _options.ReservedCount;
        throw new ArgumentException(
            $"{nameof(_options.VocabularySize)} is {_options.VocabularySize}; with the {words.Characters.Count} characters that the text is made of, and the "
            + $"space before it, it must be at least {smallest}, or {nameof(_options.CharacterCoverage)} ({_options.CharacterCoverage}) "
            + $"must be lower, or {nameof(_options.FallsBackToBytes)} true.");
    }

    private PipelineTokenizer Build(List<(byte[] Bytes, double Score)> best)
    {
        var pieces = new List<VocabularyPiece> { new(_options.UnknownToken, 0, PieceKind.Unknown) };
        foreach (string token in _options.ControlTokens)
            pieces.Add(new VocabularyPiece(token, 0, PieceKind.Control));

        for (int value = 0; _options.FallsBackToBytes && value < 256; value++)
            pieces.Add(new VocabularyPiece($"<0x{value:X2}>", 0, PieceKind.Byte));

        foreach ((byte[] bytes, double score) in best)
            pieces.Add(new VocabularyPiece(Encoding.UTF8.GetString(bytes).Replace(' ', '\u2581'), (float)score, PieceKind.Normal));

        var rules = new SentencePieceRules { RemovesExtraSpaces = false };
        return SentencePieceTokenizer.Create(SentencePieceFile.Unigram(pieces, _options.FallsBackToBytes, rules));
    }

    private readonly record struct Counts(long Bytes, long Pieces, int UniquePieces);
}
