namespace Inkling.Text.Learning;

/// <summary>Learns a tokenizer from a text.</summary>
public abstract class TokenizerTrainer
{
    private protected TokenizerTrainer()
    {
    }

    /// <summary>How much of the text is read at once.</summary>
    internal int BlockBytes { get; init; } = TextBlocks.DefaultBlockBytes;

    /// <summary>Learns from a text that is read once and need not fit into memory: what is kept are its different pieces.</summary>
    /// <param name="text">Read to its end and left open.</param>
    /// <param name="progress">Told how far it is, from several threads but never at once.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ArgumentException">There is nothing in the text to learn from, or more than the vocabulary has room for.</exception>
    /// <exception cref="InvalidDataException">A piece, or all different pieces together, are longer than an array can be (2 GB).</exception>
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

    private protected abstract TrainedTokenizer Train(TextBlocks.Reader read, IProgress<TokenizerTrainingProgress>? progress, CancellationToken cancellation);
}
