using System.Text.Json;
using System.Text.Unicode;

namespace Inkling.Formats;

/// <summary>Reads the JSON header of a safetensors file; everything in it is checked against the real size of the data.</summary>
internal sealed class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";

    private const int MaximumRank = 64;
    private const int MaximumMetadataLength = 1 << 20;

    // Up to here every JSON reader keeps integers exact; nothing real is larger.
    private const long LargestInteger = 1L << 53;

    private readonly string _file;
    private readonly long _dataBytes;
    private readonly Dictionary<string, SafetensorsTensor> _tensors = [];
    private readonly Dictionary<string, string> _metadata = [];

    private bool _hasMetadata;

    private SafetensorsHeader(string file, long dataBytes) => (_file, _dataBytes) = (file, dataBytes);

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataBytes)
    {
        if (!Utf8.IsValid(json))
        {
            throw new ModelFormatException(file, "the header is not UTF-8");
        }

        if (json.IsEmpty || json[0] != '{')
        {
            throw new ModelFormatException(file, "the header does not begin with {");
        }

        var header = new SafetensorsHeader(file, dataBytes);
        header.ReadTensors(json);
        header.RequireNoGaps();
        return header;
    }

    private void ReadTensors(ReadOnlySpan<byte> json)
    {
        // The header, a tensor, its shape.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 3 });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadField(ref reader);
            }

            // Anything but blanks behind the closing brace is not JSON.
            reader.Read();
        }
        catch (JsonException e)
        {
            throw ModelFormatException.Json(_file, e);
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFormatException(_file, "an escape stands for half a character", $"header byte {reader.TokenStartIndex}", e);
        }
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        var name = reader.GetString()!;
        reader.Read();
        if (name == MetadataKey && !_hasMetadata)
        {
            _hasMetadata = true;
            ReadMetadata(ref reader);
        }
        else if (name == MetadataKey || !_tensors.TryAdd(name, ReadTensor(ref reader, name)))
        {
            throw new ModelFormatException(_file, $"{ModelFormatException.Quote(name)} is there twice");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            Expect(ref reader, JsonTokenType.String, MetadataKey, $"text for {ModelFormatException.Quote(key)}");
            if (reader.ValueSpan.Length > MaximumMetadataLength)
            {
                throw Bad(MetadataKey, $"{ModelFormatException.Quote(key)} has {reader.ValueSpan.Length} bytes; {MaximumMetadataLength} are the most");
            }

            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad(MetadataKey, $"{ModelFormatException.Quote(key)} is there twice");
            }
        }
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name, "an object");
        string? type = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (type is null && reader.ValueTextEquals("dtype"u8))
            {
                reader.Read();
                Expect(ref reader, JsonTokenType.String, name, "text for \"dtype\"");
                type = reader.GetString();
            }
            else if (shape is null && reader.ValueTextEquals("shape"u8))
            {
                shape = ReadIntegers(ref reader, name, "shape");
            }
            else if (offsets is null && reader.ValueTextEquals("data_offsets"u8))
            {
                offsets = ReadIntegers(ref reader, name, "data_offsets");
            }
            else
            {
                throw Bad(name, $"field {ModelFormatException.Quote(reader.GetString()!)} is unknown or there twice");
            }
        }

        return type is not null && shape is not null && offsets is [var begin, var end]
            ? Check(name, type, shape, begin, end)
            : throw Bad(name, "needs dtype, shape and two data_offsets");
    }

    private SafetensorsTensor Check(string name, string typeName, long[] shape, long begin, long end)
    {
        // Enum.TryParse alone would also take "1" and " F32".
        if (!Enum.TryParse(typeName, out SafetensorsType type) || type.ToString() != typeName)
        {
            throw Bad(name, $"unsupported dtype {ModelFormatException.Quote(typeName)}; {string.Join(", ", Enum.GetNames<SafetensorsType>())} are read");
        }

        if (begin > end || end > _dataBytes)
        {
            throw Bad(name, $"bytes [{begin}, {end}) are not inside the {_dataBytes} bytes of data");
        }

        long bytes = type.ByteSize();
        try
        {
            foreach (var size in shape)
            {
                bytes = checked(bytes * size);
            }
        }
        catch (OverflowException)
        {
            throw Bad(name, $"shape [{string.Join(", ", shape)}] is beyond 64 bits");
        }

        return bytes == end - begin
            ? new SafetensorsTensor(name, type, shape, begin, end)
            : throw Bad(name, $"{typeName} [{string.Join(", ", shape)}] takes {bytes} bytes, but [{begin}, {end}) are {end - begin}");
    }

    private void RequireNoGaps()
    {
        long expected = 0;
        foreach (var tensor in _tensors.Values.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End))
        {
            if (tensor.Begin != expected)
            {
                throw Bad(tensor.Name, $"begins at byte {tensor.Begin} of the data, but what lies before it ends at {expected}");
            }

            expected = tensor.End;
        }

        if (expected != _dataBytes)
        {
            throw new ModelFormatException(_file, $"the tensors end at byte {expected} of the data, which has {_dataBytes}");
        }
    }

    private long[] ReadIntegers(ref Utf8JsonReader reader, string name, string field)
    {
        reader.Read();
        Expect(ref reader, JsonTokenType.StartArray, name, $"an array for \"{field}\"");
        Span<long> values = stackalloc long[MaximumRank];
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // "-0" would parse.
            if (reader.TokenType != JsonTokenType.Number || reader.ValueSpan[0] == '-' || !reader.TryGetInt64(out var value) || value > LargestInteger)
            {
                throw Bad(name, $"\"{field}\" holds something else than integers from 0 to 2^53");
            }

            if (count == values.Length)
            {
                throw Bad(name, $"\"{field}\" has more than {MaximumRank} numbers");
            }

            values[count++] = value;
        }

        return values[..count].ToArray();
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string name, string expected)
    {
        if (reader.TokenType != type)
        {
            throw Bad(name, $"expected {expected}");
        }
    }

    private ModelFormatException Bad(string name, string problem)
        => new(_file, problem, name == MetadataKey ? name : $"tensor {ModelFormatException.Quote(name)}");
}
