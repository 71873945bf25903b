using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Inkling.Text;
using Inkling.Text.Normalization;

namespace Inkling.Tests.Text.Normalization;

/// <summary>What normalisers make of texts.</summary>
internal static class Normalized
{
    [ThreadStatic]
    private static NormalizedText? _output;

    /// <summary>The text after one normaliser.</summary>
    public static string By(Normalizer normalizer, string text) => Encoding.UTF8.GetString(By(normalizer, Encoding.UTF8.GetBytes(text)));

    /// <summary>The bytes after one normaliser; the same whether places are noted or not.</summary>
    public static byte[] By(Normalizer normalizer, byte[] text)
    {
        NormalizedText output = _output ??= new NormalizedText();
        output.Begin(default, tracks: false);
        normalizer.Normalize(text, output, atStart: true);
        byte[] result = output.Bytes.ToArray();

        output.Begin(default, tracks: true);
        normalizer.Normalize(text, output, atStart: true);
        Assert.True(output.Bytes.SequenceEqual(result));
        return result;
    }

    /// <summary>A text with its places, to be asked where its bytes come from.</summary>
    public static NormalizedText WithPlaces(Normalizer normalizer, string text)
    {
        var output = new NormalizedText();
        output.Begin(default, tracks: true);
        normalizer.Normalize(Encoding.UTF8.GetBytes(text), output, atStart: true);
        return output;
    }

    /// <summary>Each character of the result with the part of the input it stands for: <c>é←e´ f←f</c>.</summary>
    public static string Places(Normalizer normalizer, string text)
    {
        byte[] input = Encoding.UTF8.GetBytes(text);
        NormalizedText output = WithPlaces(normalizer, text);
        var places = new List<string>();
        int at = 0;
        foreach (Rune character in Encoding.UTF8.GetString(output.Bytes).EnumerateRunes())
        {
            (int start, int end) = output.InputOf(at, at + character.Utf8SequenceLength);
            places.Add($"{character}←{Encoding.UTF8.GetString(input, start, end - start)}");
            at += character.Utf8SequenceLength;
        }

        return string.Join(' ', places);
    }

    /// <summary>What the step looks like in <c>tokenizer.json</c>.</summary>
    public static string Json(TextStage stage)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            stage.Write(writer);

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
