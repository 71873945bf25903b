using System.Text.Json;

namespace Inkling.Text.HuggingFace;

/// <summary>A value of a <c>tokenizer.json</c> with its place, so that every complaint names it.</summary>
/// <param name="Value">The value.</param>
/// <param name="Path">Its JSON path.</param>
internal readonly record struct JsonPart(JsonElement Value, string Path)
{
    /// <summary>A value that is written rather than read.</summary>
    public static JsonElement Make(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            write(writer);

        return JsonElement.Parse(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>What kind of component an object describes.</summary>
    public string Type => Field("type").Text();

    /// <summary>A field that must be there.</summary>
    public JsonPart Field(string name)
    {
        DemandKind(JsonValueKind.Object, "an object");
        return Value.TryGetProperty(name, out JsonElement value) ? At(name, value) : throw Error($"field \"{name}\" is missing");
    }

    /// <summary>A field that may be absent; a null counts as absent.</summary>
    public JsonPart? Find(string name)
    {
        DemandKind(JsonValueKind.Object, "an object");
        return Value.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? At(name, value) : null;
    }

    /// <summary>A field that is true or false, or <paramref name="absent"/> where it is not there.</summary>
    public bool Flag(string name, bool absent) => Find(name)?.Flag() ?? absent;

    /// <summary>Demands an object that has none but these fields.</summary>
    public void AllowFields(params ReadOnlySpan<string> names)
    {
        DemandKind(JsonValueKind.Object, "an object");
        foreach (JsonProperty field in Value.EnumerateObject())
        {
            if (!names.Contains(field.Name))
                throw Error($"unknown field {Quoted.Text(field.Name)}");
        }
    }

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonPart> Items()
    {
        DemandKind(JsonValueKind.Array, "an array");
        string path = Path;
        return Value.EnumerateArray().Select((item, index) => new JsonPart(item, $"{path}[{index}]"));
    }

    /// <summary>The fields of an object.</summary>
    public JsonElement.ObjectEnumerator Fields()
    {
        DemandKind(JsonValueKind.Object, "an object");
        return Value.EnumerateObject();
    }

    /// <summary>A string.</summary>
    public string Text()
    {
        DemandKind(JsonValueKind.String, "a string");
        return Value.GetString()!;
    }

    /// <summary>A string of one character.</summary>
    public System.Text.Rune Character()
    {
        string text = Text();
        return text.Length > 0 && System.Text.Rune.TryGetRuneAt(text, 0, out System.Text.Rune rune) && rune.Utf16SequenceLength == text.Length
            ? rune
            : throw Error($"expected one character, found {Quoted.Text(text)}");
    }

    /// <summary>True or false.</summary>
    public bool Flag() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error($"expected true or false, found {Describe(Value)}"),
    };

    /// <summary>A whole number from 0 to <paramref name="most"/>.</summary>
    public int Number(int most = int.MaxValue) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out int number) && number >= 0 && number <= most
            ? number
            : throw Error($"expected a whole number from 0 to {most}, found {Describe(Value)}");

    /// <summary>A finite number.</summary>
    public double Real() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Error($"expected a finite number, found {Describe(Value)}");

    /// <summary>Says what is wrong with this value.</summary>
    public TokenizerFormatException Error(string problem) => new(TokenizerJson.FileName, Path, problem);

    /// <summary>Says that nothing here behaves as this component would have to.</summary>
    public TokenizerFormatException Unknown(string kind, string known) =>
        new(TokenizerJson.FileName, $"{Path}.type", $"{kind} {Quoted.Text(Type)} is not supported; supported are {known}");

    /// <summary>A value as messages show it.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => Quoted.Text(value.GetString()!),
        _ => Quoted.Shorten(value.GetRawText()),
    };

    private JsonPart At(string name, JsonElement value) => new(value, $"{Path}.{name}");

    private void DemandKind(JsonValueKind kind, string described)
    {
        if (Value.ValueKind != kind)
            throw Error($"expected {described}, found {Describe(Value)}");
    }
}
