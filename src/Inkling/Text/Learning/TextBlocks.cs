using Inkling.Text.Splitting;

namespace Inkling.Text.Learning;

/// <summary>
/// Cuts a text that need not fit into memory into blocks, at places where a piece ends whatever stands around, and hands them to several threads.
/// </summary>
/// <param name="read">Fills a buffer from its beginning with what comes next, and says how many bytes that were; 0 at the end of the text.</param>
/// <param name="splitter">Knows where a cut is safe.</param>
/// <param name="blockBytes">How much is read at once. A block is longer where a piece is.</param>
/// <param name="bytesRead">Told how much was read so far, by one thread at a time.</param>
internal sealed class TextBlocks(TextBlocks.Reader read, Splitter splitter, int blockBytes, Action<long>? bytesRead)
{
    /// <summary>How much is read at once if nobody says otherwise: it fits into a processor's cache.</summary>
    public const int DefaultBlockBytes = 1 << 18;

    private const int FirstWindow = 256;

    private readonly Lock _lock = new();
    private byte[] _rest = [];
    private int _restCount;
    private bool _isAtEnd;

    /// <summary>Reads what comes next.</summary>
    public delegate int Reader(Span<byte> buffer);

    /// <summary>How much was read so far.</summary>
    public long ByteCount { get; private set; }

    /// <summary>Reads a text in memory.</summary>
    public static Reader ReaderOf(ReadOnlyMemory<byte> text) => buffer =>
    {
        int count = Math.Min(buffer.Length, text.Length);
        text.Span[..count].CopyTo(buffer);
        text = text[count..];
        return count;
    };

    /// <summary>Gives the next block, in the order of the text.</summary>
    /// <param name="buffer">The caller's own; made longer where the block asks for it.</param>
    /// <returns>The length of the block; 0 where there is none left.</returns>
    /// <exception cref="InvalidDataException">A piece is longer than an array can be.</exception>
    public int Next(ref byte[] buffer)
    {
        lock (_lock)
        {
            int count = _restCount;
            if (buffer.Length < count + blockBytes)
                Array.Resize(ref buffer, LargerSize(count));

            _rest.AsSpan(0, count).CopyTo(buffer);
            while (!_isAtEnd)
            {
                count += Fill(buffer.AsSpan(count));
                int cut = _isAtEnd ? count : LastCut(buffer.AsSpan(0, count));
                if (cut > 0)
                {
                    Keep(buffer.AsSpan(cut, count - cut));
                    return cut;
                }

                Array.Resize(ref buffer, LargerSize(count));
            }

            _restCount = 0;
            return count;
        }
    }

    /// <summary>Ends the text here: nobody needs the rest.</summary>
    public void Stop()
    {
        lock (_lock)
            (_isAtEnd, _restCount) = (true, 0);
    }

    private int Fill(Span<byte> buffer)
    {
        int filled = 0;
        while (filled < buffer.Length && !_isAtEnd)
        {
            int count = read(buffer[filled..]);
            filled += count;
            _isAtEnd = count == 0;
        }

        ByteCount += filled;
        bytesRead?.Invoke(ByteCount);
        return filled;
    }

    // From the end backwards, each time over twice as much, so that all tries together are as long as the text is twice.
    private int LastCut(ReadOnlySpan<byte> text)
    {
        for (long window = FirstWindow; ; window *= 2)
        {
            int from = (int)Math.Max(1, text.Length - window);
            int cut = splitter.FindCut(text, from);
            if (cut < text.Length)
                return cut;

            if (from == 1)
                return 0;
        }
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_rest.Length < rest.Length)
            _rest = new byte[rest.Length];

        rest.CopyTo(_rest);
        _restCount = rest.Length;
    }

    // Doubled where no cut was found, so that a piece of any length takes linear time.
    private int LargerSize(int count)
    {
        long size = Math.Max(2L * count, (long)count + blockBytes);
        if (count == Array.MaxLength)
            throw new InvalidDataException($"There is no place to cut the text in {count} bytes before byte {ByteCount}; they are too many for one piece.");

        return (int)Math.Min(size, Array.MaxLength);
    }
}
