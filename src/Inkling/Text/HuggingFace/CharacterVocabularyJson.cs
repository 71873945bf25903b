using System.Text;
using System.Text.Json;

namespace Inkling.Text.HuggingFace;

/// <summary>A character vocabulary as a Hugging Face <c>tokenizer.json</c>: a byte-pair model without merges.</summary>
internal static class CharacterVocabularyJson
{
    // All of Unicode has 1,112,064 characters; written like this none takes more than 40 bytes.
    private const int MaxByteCount = 1_112_064 * 40;

    // We write three levels; another tool's file may have some more before it is refused by name.
    private const int MaxDepth = 8;

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

    /// <summary>Writes the file of a vocabulary.</summary>
    public static void Write(Stream stream, ReadOnlySpan<Rune> characters)
    {
        using var writer = new Utf8JsonWriter(stream, TokenizerJson.WriterOptions);
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

    /// <summary>Gives the characters in the order of their ids.</summary>
    /// <exception cref="TokenizerFormatException">The file differs from what <see cref="Write"/> writes.</exception>
    public static Rune[] Read(Stream stream)
    {
        using JsonDocument document = JsonInput.Parse(TokenizerStream.ReadAll(stream, TokenizerJson.FileName, MaxByteCount, "more than all of Unicode needs"), MaxDepth);
        return FindDifference(document.RootElement) is { } difference ? throw difference : ReadVocabulary(document.RootElement);
    }

    /// <summary>The characters of a file that has this shape but for its vocabulary; null for any other file.</summary>
    /// <exception cref="TokenizerFormatException">The vocabulary makes no sense.</exception>
    public static Rune[]? TryRead(JsonElement root) =>
        FindDifference(root) is null ? ReadVocabulary(root) : null;

    private static void WriteFields(Utf8JsonWriter writer, JsonElement fields)
    {
        foreach (JsonProperty field in fields.EnumerateObject())
            field.WriteTo(writer);
    }

    private static TokenizerFormatException? FindDifference(JsonElement root) =>
        FindDifference(root, Pipeline, "$", extra: "model") ?? FindDifference(root.GetProperty("model"), Model, "$.model", extra: "vocab");

    /// <summary>Looks for the fields of <paramref name="expected"/>, with their values, and one more called <paramref name="extra"/>.</summary>
    private static TokenizerFormatException? FindDifference(JsonElement actual, JsonElement expected, string path, string extra)
    {
        if (actual.ValueKind != JsonValueKind.Object)
            return new TokenizerFormatException(TokenizerJson.FileName, path, $"expected an object, found {JsonPart.Describe(actual)}");

        foreach (JsonProperty field in actual.EnumerateObject())
        {
            if (field.NameEquals(extra))
                continue;

            if (!expected.TryGetProperty(field.Name, out JsonElement value))
                return new TokenizerFormatException(TokenizerJson.FileName, path, $"unknown field {Quoted.Text(field.Name)}");

            if (!JsonElement.DeepEquals(field.Value, value))
            {
                string problem = $"expected {value.GetRawText()}, found {JsonPart.Describe(field.Value)}";
                return new TokenizerFormatException(TokenizerJson.FileName, $"{path}.{field.Name}", problem);
            }
        }

        string? missing = expected.EnumerateObject().Select(field => field.Name).Append(extra).FirstOrDefault(name => !actual.TryGetProperty(name, out _));
        return missing is null ? null : new TokenizerFormatException(TokenizerJson.FileName, path, $"field \"{missing}\" is missing");
    }

    private static Rune[] ReadVocabulary(JsonElement root)
    {
        const string Path = "$.model.vocab";
        JsonElement vocabulary = root.GetProperty("model").GetProperty("vocab");
        if (vocabulary.ValueKind != JsonValueKind.Object)
            throw new TokenizerFormatException(TokenizerJson.FileName, Path, $"expected an object, found {JsonPart.Describe(vocabulary)}");

        // As many ids as places, each in range and none twice: so there is no gap.
        var characters = new Rune?[vocabulary.GetPropertyCount()];
        if (characters.Length == 0)
            throw new TokenizerFormatException(TokenizerJson.FileName, Path, "there is no token");

        foreach (JsonProperty entry in vocabulary.EnumerateObject())
        {
            string token = entry.Name;
            if (token.Length == 0 || !Rune.TryGetRuneAt(token, 0, out Rune character) || character.Utf16SequenceLength != token.Length)
                throw new TokenizerFormatException(TokenizerJson.FileName, Path, $"token {Quoted.Text(token)} is not exactly one character");

            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out int id) || (uint)id >= (uint)characters.Length)
            {
                string problem = $"expected an id from 0 to {characters.Length - 1} for {Quoted.Text(token)}, found {JsonPart.Describe(entry.Value)}";
                throw new TokenizerFormatException(TokenizerJson.FileName, Path, problem);
            }

            if (characters[id] is { } other)
            {
                string problem = $"id {id} belongs to both {Quoted.Text(other.ToString())} and {Quoted.Text(token)}";
                throw new TokenizerFormatException(TokenizerJson.FileName, Path, problem);
            }

            characters[id] = character;
        }

        return Array.ConvertAll(characters, character => character!.Value);
    }
}
