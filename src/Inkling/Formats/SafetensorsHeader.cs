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
        try
        {
            header.ReadTensors(json);
        }
        catch (JsonException e)
        {
            throw ModelFormatException.Json(file, e);
        }

        header.RequireNoGaps();
        return header;
    }

    private void ReadTensors(ReadOnlySpan<byte> json)
    {
        // The header, a tensor, its shape.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 3 });
        reader.Read();
        var hasMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader);
            reader.Read();
            if (name == MetadataKey && !hasMetadata)
            {
                hasMetadata = true;
                ReadMetadata(ref reader);
            }
            else if (name == MetadataKey || !_tensors.TryAdd(name, ReadTensor(ref reader, name)))
            {
                throw new ModelFormatException(_file, $"{ModelFormatException.Quote(name)} is there twice");
            }
        }

        // Anything but blanks behind the closing brace is not JSON.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader);
            reader.Read();
            Expect(ref reader, JsonTokenType.String, MetadataKey, $"text for {ModelFormatException.Quote(key)}");
            if (reader.ValueSpan.Length > MaximumMetadataLength)
            {
                throw new ModelFormatException(
                    _file, $"{ModelFormatException.Quote(key)} has {reader.ValueSpan.Length} bytes; {MaximumMetadataLength} are the most", MetadataKey);
            }

            if (!_metadata.TryAdd(key, Text(ref reader)))
            {
                throw new ModelFormatException(_file, $"{ModelFormatException.Quote(key)} is there twice", MetadataKey);
            }
        }
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        var location = $"tensor {ModelFormatException.Quote(name)}";
        Expect(ref reader, JsonTokenType.StartObject, location, "an object");
        string? type = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Text(ref reader);
            reader.Read();
            switch (field)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, location, "text for \"dtype\"");
                    type = Text(ref reader);
                    break;
                case "shape" when shape is null:
                    shape = Integers(ref reader, location, field);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Integers(ref reader, location, field);
                    break;
                default:
                    throw new ModelFormatException(_file, $"field {ModelFormatException.Quote(field)} is unknown or there twice", location);
            }
        }

        return type is not null && shape is not null && offsets is [var begin, var end]
            ? Check(name, location, type, shape, begin, end)
            : throw new ModelFormatException(_file, "needs dtype, shape and two data_offsets", location);
    }

    private SafetensorsTensor Check(string name, string location, string typeName, long[] shape, long begin, long end)
    {
        // Enum.TryParse alone would also take "1" and " F32".
        if (!Enum.TryParse(typeName, out SafetensorsType type) || type.ToString() != typeName)
        {
            throw new ModelFormatException(
                _file, $"unsupported dtype {ModelFormatException.Quote(typeName)}; {string.Join(", ", Enum.GetNames<SafetensorsType>())} are read", location);
        }

        if (begin > end || end > _dataBytes)
        {
            throw new ModelFormatException(_file, $"bytes [{begin}, {end}) are not inside the {_dataBytes} bytes of data", location);
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
            throw new ModelFormatException(_file, $"shape [{string.Join(", ", shape)}] is beyond 64 bits", location);
        }

        return bytes == end - begin
            ? new SafetensorsTensor(name, type, shape, begin, end)
            : throw new ModelFormatException(
                _file, $"{typeName} [{string.Join(", ", shape)}] takes {bytes} bytes, but [{begin}, {end}) are {end - begin}", location);
    }

    private void RequireNoGaps()
    {
        long expected = 0;
        foreach (var tensor in _tensors.Values.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End))
        {
            if (tensor.Begin != expected)
            {
                throw new ModelFormatException(
                    _file, $"begins at byte {tensor.Begin} of the data, but what lies before it ends at {expected}", $"tensor {ModelFormatException.Quote(tensor.Name)}");
            }

            expected = tensor.End;
        }

        if (expected != _dataBytes)
        {
            throw new ModelFormatException(_file, $"the tensors end at byte {expected} of the data, which has {_dataBytes}");
        }
    }

    private long[] Integers(ref Utf8JsonReader reader, string location, string field)
    {
        Expect(ref reader, JsonTokenType.StartArray, location, $"an array for \"{field}\"");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // "-0" would parse.
            if (reader.TokenType != JsonTokenType.Number || reader.ValueSpan[0] == '-' || !reader.TryGetInt64(out var value) || value > LargestInteger)
            {
                throw new ModelFormatException(_file, $"\"{field}\" holds something else than integers from 0 to 2^53", location);
            }

            if (values.Count == MaximumRank)
            {
                throw new ModelFormatException(_file, $"\"{field}\" has more than {MaximumRank} numbers", location);
            }

            values.Add(value);
        }

        return [.. values];
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string location, string expected)
    {
        if (reader.TokenType != type)
        {
            throw new ModelFormatException(_file, $"expected {expected}", location);
        }
    }

    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFormatException(_file, "an escape stands for half a character", $"header byte {reader.TokenStartIndex}", e);
        }
    }
}
