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
/// normalised: spaces and line ends stay, so that it comes back (but for ▁ itself, which is a space, and for what is not UTF-8). The ids are those of the unknown token, the control tokens, the bytes, and the
/// pieces, the most probable first.
/// </remarks>
public sealed class UnigramTrainer
{
    private readonly UnigramTrainingOptions _options;

    /// <summary>Makes a trainer.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public UnigramTrainer(UnigramTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>How much of the text is read at once.</summary>
    internal int BlockBytes { get; init; } = TextBlocks.DefaultBlockBytes;

    /// <summary>Learns from a text that is read once and need not fit into memory: what is kept are its different words.</summary>
    /// <param name="text">UTF-8; what is not valid divides words. Read to the end and left open.</param>
    /// <param name="progress">Told how far it is, from several threads but never at once.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ArgumentException">The text has no characters, or more of them than the vocabulary has room for.</exception>
    /// <exception cref="InvalidDataException">A word, or all different words together, are longer than an array can be (2 GB).</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public TrainedTokenizer Train(Stream text, IProgress<TokenizerTrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Train(text.Read, progress, cancellation);
    }

    /// <summary>Learns from a text in memory.</summary>
    /// <inheritdoc cref="Train(Stream, IProgress{TokenizerTrainingProgress}?, CancellationToken)"/>
    public TrainedTokenizer Train(
        ReadOnlyMemory<byte> text, IProgress<TokenizerTrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Train(TextBlocks.ReaderOf(text), progress, cancellation);

    private TrainedTokenizer Train(TextBlocks.Reader read, IProgress<TokenizerTrainingProgress>? progress, CancellationToken cancellation)
    {
        var splitter = new SpacedWordSplitter();
        var blocks = new TextBlocks(read, splitter, BlockBytes, bytes => progress?.Report(new(bytes, 0)));
        (PieceTable table, long pieceCount) = PieceCounter.Count(blocks, splitter, _options.ThreadCount, cancellation);
        var words = new UnigramWords(table, _options.CharacterCoverage, _options.LinesAreTexts);
        int wanted = _options.VocabularySize - _options.ReservedCount;
        Check(words, wanted);

        var learner = new UnigramLearner(words, _options, cancellation);
        for (learner.Estimate(); learner.IsLargerThan(wanted); learner.Estimate())
        {
            progress?.Report(new(blocks.ByteCount, learner.Count + _options.ReservedCount));
            learner.Prune(wanted);
        }

        List<(byte[] Bytes, double Score)> best = learner.Best(wanted);
        progress?.Report(new(blocks.ByteCount, best.Count + _options.ReservedCount));
        return new TrainedTokenizer(Build(best), blocks.ByteCount, pieceCount, table.Count, best.Count == wanted);
    }

    private void Check(UnigramWords words, int wanted)
    {
        if (words.Count == 0)
            throw new ArgumentException("Pieces are learned from a text, but it has no characters.");

        int smallest = words.Characters.Count + _options.ReservedCount;
        if (words.Characters.Count <= wanted)
            return;

        throw new ArgumentException(
            $"{nameof(_options.VocabularySize)} is {_options.VocabularySize}; with the {words.Characters.Count} characters that the text is made of it must be at "
            + $"least {smallest}, or {nameof(_options.CharacterCoverage)} ({_options.CharacterCoverage}) must be lower.");
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
}
