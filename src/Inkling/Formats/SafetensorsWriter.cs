using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Inkling.Formats;

/// <summary>Writes a safetensors file from front to back: the header at once, then the data of each tensor in the order of the header.</summary>
public sealed class SafetensorsWriter
{
    // Data begins on a multiple of this, so that a mapped file can be used in place.
    private const int Alignment = 8;

    private readonly Stream _stream;
    private readonly long _dataBytes;
    private long _written;

    /// <summary>Writes the header. Equal arguments write equal bytes.</summary>
    /// <param name="stream">Where to write; left open.</param>
    /// <param name="type"><see cref="SafetensorsType.F32"/> or <see cref="SafetensorsType.F64"/>, for all tensors.</param>
    /// <param name="tensors">Names and shapes in the order of the data.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public SafetensorsWriter(Stream stream, SafetensorsType type, IEnumerable<(string Name, IReadOnlyList<int> Shape)> tensors)
    {
        _stream = stream;
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            // Without this note, transformers refuses the file.
            json.WriteString("format", "pt");
            json.WriteEndObject();
            foreach (var (name, shape) in tensors)
            {
                var begin = _dataBytes;
                _dataBytes = checked(begin + shape.Aggregate((long)type.ByteSize(), (bytes, size) => checked(bytes * size)));
                json.WriteStartObject(name);
                json.WriteString("dtype", type.ToString());
                WriteArray(json, "shape", shape.Select(size => (long)size));
                WriteArray(json, "data_offsets", [begin, _dataBytes]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (header.Length % Alignment != 0)
        {
            header.WriteByte((byte)' ');
        }

        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header.GetBuffer(), 0, (int)header.Length);
    }

    /// <summary>Writes the next elements.</summary>
    /// <typeparam name="T">float for <see cref="SafetensorsType.F32"/>, double for <see cref="SafetensorsType.F64"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The header announced fewer.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Write<T>(ReadOnlySpan<T> elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var bytes = MemoryMarshal.AsBytes(elements);
        _written += bytes.Length;
        if (_written > _dataBytes)
        {
            throw new InvalidOperationException($"The header announced {_dataBytes} bytes of data, and these would be {_written}.");
        }

        _stream.Write(bytes);
    }

    /// <summary>Checks that all data is there.</summary>
    /// <exception cref="InvalidOperationException">The header announced more.</exception>
    public void Complete()
    {
        if (_written != _dataBytes)
        {
            throw new InvalidOperationException($"The header announced {_dataBytes} bytes of data, and only {_written} were written.");
        }
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
