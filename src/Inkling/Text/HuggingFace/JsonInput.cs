using System.Text.Json;

namespace Inkling.Text.HuggingFace;

/// <summary>Reads a JSON file of which nothing is believed: not its depth, its encoding or its escapes.</summary>
internal static class JsonInput
{
    /// <summary>The document, of which every string can be read without further errors.</summary>
    /// <exception cref="TokenizerFormatException">It is no JSON, or deeper than <paramref name="maxDepth"/>.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            Utf8Text.Validate(json.Span);

            // The document looks at an escape only when somebody asks for the string, so each is looked at here.
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    reader.GetString();
            }

            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
        }
        catch (InvalidTextException e)
        {
            throw new TokenizerFormatException(TokenizerJson.FileName, $"byte {e.Offset}", e.Message);
        }
        catch (InvalidOperationException)
        {
            const string Problem = "an escape stands for half a character (a lone surrogate)";
            throw new TokenizerFormatException(TokenizerJson.FileName, $"byte {reader.TokenStartIndex}", Problem);
        }
        catch (JsonException e)
        {
            string location = e.LineNumber is { } line ? $"line {line + 1}, byte {e.BytePositionInLine + 1}" : "$";
            // The message may quote the file, line ends and all, from the place to the end.
            const int MaxLength = 200;
            string problem = string.Concat(e.Message.Split(" LineNumber:")[0].Take(MaxLength).Select(c => char.IsControl(c) ? ' ' : c));
            throw new TokenizerFormatException(TokenizerJson.FileName, location, problem);
        }
    }
}
