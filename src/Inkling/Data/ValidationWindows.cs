namespace Inkling.Data;

/// <summary>
/// Lays windows side by side over a whole text, in order, so that every token but the first is predicted exactly once.
/// All windows have T tokens, except that the last may be shorter; that one makes a batch of its own.
/// </summary>
public sealed class ValidationWindows
{
    private readonly TokenData _data;
    private readonly long _fullWindowCount;
    private readonly long _fullBatchCount;
    private readonly int _lastLength;

    /// <summary>Groups the windows of a text into batches.</summary>
    /// <param name="data">The text to measure on.</param>
    /// <param name="contextLength">The length T of a window in tokens.</param>
    /// <param name="batchSize">How many windows a batch has at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">Context or batch is empty.</exception>
    /// <exception cref="OverflowException">A batch has more tokens than an array.</exception>
    /// <exception cref="CorpusException">There are fewer than two tokens, so nothing can be predicted.</exception>
    public ValidationWindows(TokenData data, int contextLength, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (data.Length < 2)
            throw new CorpusException($"A loss needs at least 2 tokens of text, but there is {data.Length}.");

        _data = data;
        ContextLength = contextLength;
        BatchSize = batchSize;
        MaxTokenCount = checked(batchSize * contextLength);
        TokenCount = data.Length - 1;
        _fullWindowCount = TokenCount / contextLength;
        _fullBatchCount = (_fullWindowCount + batchSize - 1) / batchSize;
        _lastLength = (int)(TokenCount % contextLength);
    }

    /// <summary>The length T of every window but perhaps the last, in tokens.</summary>
    public int ContextLength { get; }

    /// <summary>How many windows a batch has at most.</summary>
    public int BatchSize { get; }

    /// <summary>How long the spans for <see cref="Fill"/> must be.</summary>
    public int MaxTokenCount { get; }

    /// <summary>How many tokens all batches together predict.</summary>
    public long TokenCount { get; }

    /// <summary>How many batches there are.</summary>
    public long BatchCount => _fullBatchCount + (_lastLength > 0 ? 1 : 0);

    /// <summary>Copies a batch to the front of the spans, windows one after the other, (rows, length).</summary>
    /// <param name="index">Which batch, from 0 to <see cref="BatchCount"/> − 1.</param>
    /// <param name="inputs">Receives the windows.</param>
    /// <param name="targets">Receives the tokens one later.</param>
    /// <returns>How many rows of which length were written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such batch.</exception>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public WindowBatch Fill(long index, Span<int> inputs, Span<int> targets)
    {
        if ((ulong)index >= (ulong)BatchCount)
            throw new ArgumentOutOfRangeException(nameof(index), $"There is no batch {index}; there are {BatchCount}.");

        long firstWindow = Math.Min(index * BatchSize, _fullWindowCount);
        WindowBatch batch = index < _fullBatchCount
            ? new((int)Math.Min(BatchSize, _fullWindowCount - firstWindow), ContextLength)
            : new(1, _lastLength);
        if (inputs.Length < batch.TokenCount || targets.Length < batch.TokenCount)
            throw new ArgumentException($"A batch of {batch.TokenCount} tokens does not fit into {inputs.Length} inputs and {targets.Length} targets.");

        // Windows lie side by side, so a batch is one stretch of text.
        long start = firstWindow * ContextLength;
        _data.CopyTo(start, inputs[..batch.TokenCount]);
        _data.CopyTo(start + 1, targets[..batch.TokenCount]);
        return batch;
    }
}
