using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Inkling.Formats;

/// <summary>Reads and writes the small JSON files of a model folder and of checkpoints.</summary>
internal static class JsonFile
{
    private const int MaximumBytes = 1 << 24;

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(Stream stream, JsonNode content)
    {
        using var writer = new Utf8JsonWriter(stream, Layout);
        content.WriteTo(writer);
    }

    /// <summary>An object whose every name and text can be read without further errors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="listed">What it must be; null where nobody knows.</param>
    /// <exception cref="ModelFormatException">It is missing, damaged, or no such object.</exception>
    public static JsonObject Read(string path, ManifestFile? listed = null) => Parse(path, ReadBytes(path, listed));

    /// <summary>The same from the bytes of a file.</summary>
    public static JsonObject Parse(string path, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new ModelFormatException(path, "is not UTF-8");
        }

        try
        {
            // The document looks at an escape only when somebody asks for the text, so each is looked at here.
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }

            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new ModelFormatException(path, "is not a JSON object");
        }
        catch (JsonException e)
        {
            throw ModelFormatException.Json(path, e);
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFormatException(path, "an escape stands for half a character", cause: e);
        }
    }

    /// <summary>Demands these fields and no others.</summary>
    public static void RequireFields(string path, JsonObject content, IEnumerable<string> names, string? location = null)
    {
        var expected = names.ToHashSet();
        if (content.Select(field => field.Key).FirstOrDefault(name => !expected.Contains(name)) is { } unknown)
        {
            throw new ModelFormatException(path, $"unknown field {ModelFormatException.Quote(unknown)}", location);
        }

        if (expected.FirstOrDefault(name => !content.ContainsKey(name)) is { } missing)
        {
            throw new ModelFormatException(path, $"field {ModelFormatException.Quote(missing)} is missing", location);
        }
    }

    /// <summary>Demands the one version of a layout that there is.</summary>
    public static void RequireVersion(string path, JsonObject content, int version) => RequireVersion(path, content, version, version);

    /// <summary>Demands one of the versions of a layout that there have been.</summary>
    public static void RequireVersion(string path, JsonObject content, int oldest, int newest)
    {
        if (content["formatVersion"] is not JsonValue value || !value.TryGetValue(out int number) || number < oldest || number > newest)
        {
            var which = oldest == newest ? $"{newest}, the one" : $"{oldest} to {newest}, those";
            throw new ModelFormatException(path, $"the format version is not {which} that this version of Inkling reads", "$.formatVersion");
        }
    }

    /// <summary>A field that must be an object.</summary>
    public static JsonObject Object(string path, JsonObject content, string name)
        => content[name] as JsonObject ?? throw new ModelFormatException(path, "expected an object", $"$.{name}");

    /// <summary>Turns an object into a record of options with exactly the fields of <paramref name="model"/>, and lets it check itself.</summary>
    public static T ReadOptions<T>(string path, JsonObject content, string location, JsonTypeInfo<T> type, JsonObject model, Action<T> validate)
        where T : class
    {
        RequireFields(path, content, model.Select(field => field.Key), location);
        var options = Deserialize(path, content, type, location);
        try
        {
            validate(options);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(path, e.Message, location, e);
        }

        return options;
    }

    /// <summary>Turns JSON into a record; what does not fit is named.</summary>
    public static T Deserialize<T>(string path, JsonNode content, JsonTypeInfo<T> type, string? location = null)
        where T : class
    {
        try
        {
            return content.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, "the value does not fit the field", $"{location ?? "$"}{e.Path?.TrimStart('$')}", e);
        }
    }

    /// <summary>All of a small file.</summary>
    /// <exception cref="ModelFormatException">It is missing, damaged, or not small.</exception>
    public static byte[] ReadBytes(string path, ManifestFile? listed = null)
    {
        using var stream = ModelFile.Open(path, listed);
        if (stream.Length > MaximumBytes)
        {
            throw new ModelFormatException(path, $"has {stream.Length} bytes; {MaximumBytes} are the most");
        }

        try
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (IOException e)
        {
            throw new ModelFormatException(path, $"cannot be read. {e.Message}", cause: e);
        }
    }
}
