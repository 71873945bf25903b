namespace Inkling.Tests.Text.Learning;

/// <summary>Gives a text in portions of odd sizes, as a network does, and as often as one likes.</summary>
internal sealed class TricklingStream(byte[] text, int repeats = 1, bool failsAtEnd = false) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        long left = ((long)text.Length * repeats) - _position;
        if (left == 0 && failsAtEnd)
            throw new IOException("broken");

        int from = (int)(_position % text.Length);
        int count = (int)Math.Min(left, Math.Min(Math.Min(buffer.Length, 1 + (_position % 997)), text.Length - from));
        text.AsSpan(from, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
