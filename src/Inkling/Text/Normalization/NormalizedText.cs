namespace Inkling.Text.Normalization;

/// <summary>What a normaliser has written, and from where in its input each byte comes.</summary>
internal sealed class NormalizedText
{
    private byte[] _bytes = new byte[256];
    private int[] _starts = [];
    private int[] _ends = [];
    private int _count;
    private bool _tracks;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    /// <summary>Where the input comes from.</summary>
    public TextOrigin Origin { get; private set; }

    /// <summary>Whether anybody will ask where a byte comes from.</summary>
    public bool Tracks => _tracks;

    /// <summary>Forgets everything and begins another text.</summary>
    /// <param name="origin">Where the input of the normaliser comes from.</param>
    /// <param name="tracks">Whether anybody will ask where a byte comes from.</param>
    public void Begin(TextOrigin origin, bool tracks)
    {
        (Origin, _tracks, _count) = (origin, tracks, 0);
        if (tracks && _starts.Length < _bytes.Length)
            (_starts, _ends) = (new int[_bytes.Length], new int[_bytes.Length]);
    }

    /// <summary>Writes bytes that stand for the input from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes, int start, int end)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_count));
        if (_tracks)
        {
            _starts.AsSpan(_count, bytes.Length).Fill(start);
            _ends.AsSpan(_count, bytes.Length).Fill(end);
        }

        _count += bytes.Length;
    }

    /// <summary>Writes input bytes as they are; <paramref name="start"/> is where they begin in the input.</summary>
    public void Copy(ReadOnlySpan<byte> bytes, int start)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_count));
        for (int i = 0; _tracks && i < bytes.Length; i++)
            (_starts[_count + i], _ends[_count + i]) = (start + i, start + i + 1);

        _count += bytes.Length;
    }

    /// <summary>Takes back the last bytes.</summary>
    public void RemoveLast(int count) => _count -= count;

    /// <summary>The part of the normaliser's input that the bytes from <paramref name="start"/> to <paramref name="end"/> stand for.</summary>
    public (int Start, int End) InputOf(int start, int end)
    {
        if (_count == 0)
            return (0, 0);

        if (start >= end)
            return start < _count ? (_starts[start], _starts[start]) : (_ends[_count - 1], _ends[_count - 1]);

        int least = _starts[start], most = _ends[end - 1];
        return (least, Math.Max(least, most));
    }

    private void Reserve(int count)
    {
        int needed = checked(_count + count);
        if (needed <= _bytes.Length)
            return;

        int size = (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length));
        Array.Resize(ref _bytes, size);
        if (_tracks)
        {
            Array.Resize(ref _starts, size);
            Array.Resize(ref _ends, size);
        }
    }
}
