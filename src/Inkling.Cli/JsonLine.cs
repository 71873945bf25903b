using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inkling.Cli;

/// <summary>Results for programs: one object on one line.</summary>
internal static class JsonLine
{
    /// <summary>Letters stay letters; the line is not for a web page.</summary>
    public static JsonWriterOptions Layout { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteJsonLine(this TextWriter output, JsonObject result)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Layout))
        {
            result.WriteTo(writer);
        }

        output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    /// <summary>JSON has no word for what is not a number, so that becomes null.</summary>
    public static JsonNode? Number(double? value) => value is { } number && double.IsFinite(number) ? JsonValue.Create(number) : null;
}
