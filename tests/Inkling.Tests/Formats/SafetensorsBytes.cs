using System.Buffers.Binary;
using System.Text;

namespace Inkling.Tests.Formats;

/// <summary>Safetensors files put together by hand, so that they can be wrong.</summary>
internal static class SafetensorsBytes
{
    /// <summary>A header of these fields.</summary>
    public static string Header(params IEnumerable<string> fields) => $"{{{string.Join(',', fields)}}}";

    /// <summary>A header's field for one tensor.</summary>
    public static string Tensor(string name, string shape, string offsets, string type = "F32")
        => $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":{offsets}}}";

    public static byte[] Of(string header, int dataBytes) => Of(Encoding.UTF8.GetBytes(header), new byte[dataBytes]);

    public static byte[] Of(byte[] header, byte[] data) => [.. Length((ulong)header.Length), .. header, .. data];

    public static byte[] Length(ulong length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return bytes;
    }
}
