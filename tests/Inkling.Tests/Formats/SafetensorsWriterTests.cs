using System.Text;
using Inkling.Formats;

namespace Inkling.Tests.Formats;

public sealed class SafetensorsWriterTests
{
    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        using var stream = new MemoryStream();
        var writer = new SafetensorsWriter(stream, SafetensorsType.F32, [("b", [2]), ("a", [1, 1])]);
        writer.Write<float>([1, 2]);
        writer.Write<float>([3]);
        writer.Complete();

        var header = """{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}""";
        var padded = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] data = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40];
        Assert.Equal(SafetensorsBytes.Of(Encoding.UTF8.GetBytes(padded), data), stream.ToArray());
    }

    [Fact]
    public void More_or_less_data_than_announced_is_refused()
    {
        var writer = new SafetensorsWriter(Stream.Null, SafetensorsType.F64, [("a", [2])]);
        writer.Write<double>([1]);

        Assert.Equal(
            "The header announced 16 bytes of data, and only 8 were written.",
            Assert.Throws<InvalidOperationException>(writer.Complete).Message);
        Assert.Equal(
            "The header announced 16 bytes of data, and these would be 24.",
            Assert.Throws<InvalidOperationException>(() => writer.Write<double>([2, 3])).Message);
    }
}
