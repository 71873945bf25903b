namespace Inkling.Tests.Text;

/// <summary>A file without an end, all spaces.</summary>
internal sealed class EndlessStream : MemoryStream
{
    public override int Read(Span<byte> buffer)
    {
        buffer.Fill((byte)' ');
        return buffer.Length;
    }
}
