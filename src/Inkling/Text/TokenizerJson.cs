using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Inkling.Text;

/// <summary>A character vocabulary as a Hugging Face <c>tokenizer.json</c>: a byte-pair model without merges.</summary>
internal static class TokenizerJson
{
    /// <summary>One layout on every system, with letters as letters and not as escapes.</summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const string FileName = "tokenizer.json";

    // All of Unicode has 1,112,064 characters; written like this none takes more than 40 bytes.
    private const int MaxByteCount = 1_112_064 * 40;

    // What the file says besides its vocabulary. It is written as it stands, and demanded as it stands: another value
    // of any field would make other tools split or join the text in another way than we do.
    private static readonly JsonElement Pipeline = JsonElement.Parse("""
        {
          "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
          "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": {"type": "Fuse"}
        }
        """);

    private static readonly JsonElement Model = JsonElement.Parse("""
        {
          "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null,
          "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "merges": []
        }
        """);

    public static void WriteCharacters(Stream stream, ReadOnlySpan<Rune> characters)
    {
        using var writer = new Utf8JsonWriter(stream, WriterOptions);
        writer.WriteStartObject();
        WriteFields(writer, Pipeline);
        writer.WriteStartObject("model");
        WriteFields(writer, Model);
        writer.WriteStartObject("vocab");
        for (int id = 0; id < characters.Length; id++)
            writer.WriteNumber(characters[id].ToString(), id);

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes a pipeline.</summary>
    public static void Write(Stream stream, TokenizerPipeline pipeline) => throw new NotImplementedException();

    /// <summary>Gives the characters in the order of their ids.</summary>
    /// <exception cref="TokenizerFormatException">The file differs from what <see cref="WriteCharacters"/> writes.</exception>
    public static Rune[] ReadCharacters(Stream stream)
    {
        using JsonDocument document = Parse(ReadAll(stream));
        JsonElement root = document.RootElement;
        Demand(root, Pipeline, "$", extra: "model");
        JsonElement model = root.GetProperty("model");
        Demand(model, Model, "$.model", extra: "vocab");
        return ReadVocabulary(model.GetProperty("vocab"));
    }

    private static void WriteFields(Utf8JsonWriter writer, JsonElement fields)
    {
        foreach (JsonProperty field in fields.EnumerateObject())
            field.WriteTo(writer);
    }

    private static ReadOnlyMemory<byte> ReadAll(Stream stream)
    {
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, count);
            if (content.Length > MaxByteCount)
                throw new TokenizerFormatException(FileName, "$", $"longer than {MaxByteCount} bytes, more than all of Unicode needs");
        }

        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        const int MaxDepth = 8; // we write three levels; another tool's file may have some more before it is refused by name
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            Utf8Text.Validate(json.Span);

            // The document looks at an escape only when somebody asks for the string, so each is looked at here.
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    reader.GetString();
            }

            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        }
        catch (InvalidTextException e)
        {
            throw new TokenizerFormatException(FileName, $"byte {e.Offset}", e.Message);
        }
        catch (InvalidOperationException)
        {
            throw new TokenizerFormatException(FileName, $"byte {reader.TokenStartIndex}", "an escape stands for half a character (a lone surrogate)");
        }
        catch (JsonException e)
        {
            string location = e.LineNumber is { } line ? $"line {line + 1}, byte {e.BytePositionInLine + 1}" : "$";
            // The message may quote the file, line ends and all, from the place to the end.
            const int MaxLength = 200;
            string problem = string.Concat(e.Message.Split(" LineNumber:")[0].Take(MaxLength).Select(c => char.IsControl(c) ? ' ' : c));
            throw new TokenizerFormatException(FileName, location, problem);
        }
    }

    /// <summary>Demands the fields of <paramref name="expected"/>, with their values, and one more called <paramref name="extra"/>.</summary>
    private static void Demand(JsonElement actual, JsonElement expected, string path, string extra)
    {
        if (actual.ValueKind != JsonValueKind.Object)
            throw new TokenizerFormatException(FileName, path, $"expected an object, found {Describe(actual)}");

        foreach (JsonProperty field in actual.EnumerateObject())
        {
            if (field.NameEquals(extra))
                continue;

            if (!expected.TryGetProperty(field.Name, out JsonElement value))
                throw new TokenizerFormatException(FileName, path, $"unknown field {Quote(field.Name)}");

            if (!JsonElement.DeepEquals(field.Value, value))
                throw new TokenizerFormatException(FileName, $"{path}.{field.Name}", $"expected {value.GetRawText()}, found {Describe(field.Value)}");
        }

        foreach (string name in expected.EnumerateObject().Select(field => field.Name).Append(extra))
        {
            if (!actual.TryGetProperty(name, out _))
                throw new TokenizerFormatException(FileName, path, $"field \"{name}\" is missing");
        }
    }

    private static Rune[] ReadVocabulary(JsonElement vocabulary)
    {
        const string Path = "$.model.vocab";
        if (vocabulary.ValueKind != JsonValueKind.Object)
            throw new TokenizerFormatException(FileName, Path, $"expected an object, found {Describe(vocabulary)}");

        // As many ids as places, each in range and none twice: so there is no gap.
        var characters = new Rune?[vocabulary.GetPropertyCount()];
        if (characters.Length == 0)
            throw new TokenizerFormatException(FileName, Path, "there is no token");

        foreach (JsonProperty entry in vocabulary.EnumerateObject())
        {
            string token = entry.Name;
            if (token.Length == 0 || !Rune.TryGetRuneAt(token, 0, out Rune character) || character.Utf16SequenceLength != token.Length)
                throw new TokenizerFormatException(FileName, Path, $"token {Quote(token)} is not exactly one character");

            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out int id) || (uint)id >= (uint)characters.Length)
                throw new TokenizerFormatException(FileName, Path, $"expected an id from 0 to {characters.Length - 1} for {Quote(token)}, found {Describe(entry.Value)}");

            if (characters[id] is { } other)
                throw new TokenizerFormatException(FileName, Path, $"id {id} belongs to both {Quote(other.ToString())} and {Quote(token)}");

            characters[id] = character;
        }

        return Array.ConvertAll(characters, character => character!.Value);
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => Quote(value.GetString()!),
        _ => Shorten(value.GetRawText()),
    };

    // Escaped, so that whatever a file holds, a message stays on one line.
    private static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Shorten(text))}\"";

    private static string Shorten(string text)
    {
        const int Length = 40;
        return text.Length <= Length ? text : $"{text.AsSpan(0, Length)}…";
    }
}
