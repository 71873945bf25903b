namespace Inkling.Text.Learning;

/// <summary>
/// Learns a unigram tokenizer as SentencePiece has it: pieces with probabilities, of which a text takes those that make it most probable.
/// Kudo, <i>Subword Regularization</i>, 2018.
/// </summary>
/// <remarks>
/// A piece is part of one word, with the space before it as ▁, and holds either letters, or digits, or line ends, or other characters. The text is not
/// normalised: spaces and line ends stay, so that it comes back. The ids are those of the unknown token, the control tokens, the bytes, and the
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

    internal List<(byte[] Bytes, double Score)> Learn(TextBlocks.Reader read, IProgress<TokenizerTrainingProgress>? progress, CancellationToken cancellation)
    {
        var splitter = new WordSplitter();
        var blocks = new TextBlocks(read, splitter, BlockBytes, bytes => progress?.Report(new(bytes, 0)));
        (PieceTable table, long pieceCount) = PieceCounter.Count(blocks, splitter, _options.ThreadCount, cancellation);
        var words = new UnigramWords(table, _options.CharacterCoverage, _options.LinesAreTexts);
        int wanted = _options.VocabularySize - _options.ReservedCount;
        if (words.Count == 0)
            throw new ArgumentException("Pieces are learned from a text, but it has no characters.");

        if (words.Characters.Count > wanted)
        {
            throw new ArgumentException(
                $"{nameof(_options.VocabularySize)} is {_options.VocabularySize}; the text has {words.Characters.Count} characters that shall be pieces, so it must be "
                + $"at least {words.Characters.Count + _options.ReservedCount}, or {nameof(_options.CharacterCoverage)} lower.");
        }

        var learner = new UnigramLearner(words, _options, cancellation);
        for (learner.Estimate(); learner.IsLargerThan(wanted); learner.Estimate())
        {
            progress?.Report(new(blocks.ByteCount, learner.Count + _options.ReservedCount));
            learner.Prune(wanted);
        }

        return learner.Best(wanted);
    }
}
