using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Inkling.Formats;

/// <summary>
/// A safetensors file, open for reading: 8 bytes of header length, a JSON header, then the data, all little-endian
/// (https://github.com/huggingface/safetensors). Tensors must cover the data without gaps or overlaps.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The longest header that is read.</summary>
    public const int MaximumHeaderBytes = 100_000_000;

    private const int LengthBytes = sizeof(ulong);

    private readonly FileStream _stream;
    private readonly long _dataOffset;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(string path, FileStream stream)
    {
        (Path, _stream) = (path, stream);
        if (stream.Length < LengthBytes)
        {
            throw new ModelFormatException(path, $"has {stream.Length} bytes, too few for a safetensors file");
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        ReadExactly(length);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerBytes > MaximumHeaderBytes)
        {
            throw new ModelFormatException(path, $"announces a header of {headerBytes} bytes; {MaximumHeaderBytes} are the most");
        }

        var dataBytes = stream.Length - LengthBytes - (long)headerBytes;
        if (dataBytes < 0)
        {
            throw new ModelFormatException(path, $"announces a header of {headerBytes} bytes, but has {stream.Length - LengthBytes} after the length");
        }

        var header = new byte[headerBytes];
        ReadExactly(header);
        _dataOffset = LengthBytes + (long)headerBytes;
        _header = SafetensorsHeader.Parse(path, header, dataBytes);
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _header.Tensors;

    /// <summary>What the writer noted about the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header against its size.</summary>
    /// <exception cref="ModelFormatException">The file is missing, unreadable or not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path) => Open(path, listed: null);

    internal static SafetensorsFile Open(string path, ManifestFile? listed)
    {
        var stream = ModelFile.Open(path, listed);
        try
        {
            return new SafetensorsFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads elements and converts them.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="first">Index of the first element, row by row.</param>
    /// <param name="destination">Receives as many as it holds.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has fewer elements.</exception>
    /// <exception cref="ModelFormatException">The file cannot be read any more.</exception>
    public void Read<T>(SafetensorsTensor tensor, long first, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, tensor.Count - destination.Length);
        var size = tensor.Type.ByteSize();
        _stream.Position = _dataOffset + tensor.Begin + (first * size);
        if (BitConverter.IsLittleEndian && tensor.Type == (typeof(T) == typeof(float) ? SafetensorsType.F32 : SafetensorsType.F64))
        {
            ReadExactly(MemoryMarshal.AsBytes(destination));
            return;
        }

        Span<byte> piece = stackalloc byte[4_096];
        while (!destination.IsEmpty)
        {
            var count = Math.Min(destination.Length, piece.Length / size);
            ReadExactly(piece[..(count * size)]);
            for (var i = 0; i < count; i++)
            {
                destination[i] = Convert<T>(tensor.Type, piece[(i * size)..]);
            }

            destination = destination[count..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static T Convert<T>(SafetensorsType type, ReadOnlySpan<byte> bytes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => type switch
        {
            SafetensorsType.F64 => T.CreateTruncating(BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
            SafetensorsType.F32 => T.CreateTruncating(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
            SafetensorsType.F16 => T.CreateTruncating(BinaryPrimitives.ReadHalfLittleEndian(bytes)),
            _ => T.CreateTruncating(BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16)),
        };

    private void ReadExactly(Span<byte> destination)
    {
        try
        {
            _stream.ReadExactly(destination);
        }
        catch (IOException e)
        {
            throw new ModelFormatException(Path, $"cannot be read. {e.Message}", cause: e);
        }
    }
}
