using Inkling.Kernels;

namespace Inkling.Data;

/// <summary>
/// Draws training windows. Where a window starts depends on seed, purpose, step and global row alone: so a batch is the
/// same however it is divided among micro-batches, threads and machines, and there is no state to save.
/// </summary>
public sealed class WindowSampler
{
    private readonly TokenData _data;
    private readonly int _contextLength;
    private readonly ulong _seed;
    private readonly RandomPurpose _purpose;

    /// <summary>Draws windows of <paramref name="contextLength"/> tokens from all places of <paramref name="data"/>.</summary>
    /// <param name="data">The text to draw from.</param>
    /// <param name="contextLength">The length T of a window in tokens.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="purpose">Keeps batches to learn from apart from batches to measure with.</param>
    /// <exception cref="ArgumentOutOfRangeException">The context has no token.</exception>
    /// <exception cref="CorpusException">There are fewer than T + 1 tokens.</exception>
    public WindowSampler(TokenData data, int contextLength, ulong seed, RandomPurpose purpose)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        if (data.Length <= contextLength)
            throw new CorpusException($"Windows of {contextLength} tokens need at least {contextLength + 1L} tokens of text, but there are {data.Length}.");

        _data = data;
        _contextLength = contextLength;
        _seed = seed;
        _purpose = purpose;
    }

    /// <summary>Draws the first position of a window, uniformly from all n − T that have a next token for every input.</summary>
    /// <param name="step">The step of training, or the number of the batch to measure with.</param>
    /// <param name="row">The row in the whole batch of that step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative or takes more than 32 bits, or the row is negative.</exception>
    public long StartOf(long step, int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, uint.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        var words = Philox.Block(new RandomKey(_seed, _purpose, (uint)step, Site: 0), (uint)row, block: 0);
        ulong random = ((ulong)words[0] << 32) | words[1];
        // The high half of random · count: below count, with a bias of at most count / 2^64.
        return (long)Math.BigMul(random, (ulong)(_data.Length - _contextLength), out _);
    }

    /// <summary>Copies the windows of some rows of a step, and beside each token the one that follows it.</summary>
    /// <param name="step">The step of training, or the number of the batch to measure with.</param>
    /// <param name="firstRow">The first row wanted, counted in the whole batch of that step.</param>
    /// <param name="rowCount">How many rows are wanted.</param>
    /// <param name="inputs">Receives the windows, (rows, T).</param>
    /// <param name="targets">Receives the tokens one later, (rows, T).</param>
    /// <exception cref="ArgumentException">A span has not exactly that size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative or takes more than 32 bits, or a row is negative.</exception>
    public void Fill(long step, int firstRow, int rowCount, Span<int> inputs, Span<int> targets)
    {
        int T = _contextLength;
        long count = (long)rowCount * T;
        if (inputs.Length != count || targets.Length != count)
            throw new ArgumentException($"{rowCount} rows of {T} tokens need spans of {count}, not {inputs.Length} inputs and {targets.Length} targets.");

        for (int row = 0; row < rowCount; row++)
        {
            long start = StartOf(step, firstRow + row);
            _data.CopyTo(start, inputs.Slice(row * T, T));
            _data.CopyTo(start + 1, targets.Slice(row * T, T));
        }
    }
}
