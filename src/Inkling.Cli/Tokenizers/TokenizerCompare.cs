using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Cli.Explaining;
using Inkling.Formats;
using Inkling.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary><c>inkling tokenizer compare</c>: two tokenizers on one text.</summary>
internal static class TokenizerCompare
{
    private const int ExampleCount = 5;
    private const int LongestExampleBytes = 40;

    // Words for the examples are taken from the beginning of the text: there are enough of them, whatever its length.
    private const int ExampleTextBytes = 1 << 20;

    public static Command Create(Streams streams)
    {
        var first = new Argument<string>("a") { Description = "A tokenizer: folder or file, as --tokenizer of the others" }.NotEmpty();
        var second = new Argument<string>("b") { Description = "Another one" }.NotEmpty();
        var file = new Argument<string>("file") { Description = "The text" }.NotEmpty();
        var json = new Option<bool>("--json") { Description = "One line of JSON: a, b" };
        var command = new Command("compare", "Shows how many tokens two tokenizers make of a text, and where they differ most.") { first, second, file, json };
        command.SetAction(parse =>
        {
            var text = TextFile.Read(parse.GetRequiredValue(file));
            var (a, b) = (Measure(parse.GetRequiredValue(first), text), Measure(parse.GetRequiredValue(second), text));
            if (parse.GetValue(json))
            {
                streams.Output.WriteJsonLine(new JsonObject { ["a"] = Json(a), ["b"] = Json(b), ["byteCount"] = text.Length });
            }
            else
            {
                Show(streams, a, b, text);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Measured Measure(string path, byte[] text)
    {
        var tokenizer = TokenizerFiles.Load(path);
        var start = Stopwatch.GetTimestamp();
        var ids = tokenizer.Encode(text);
        return new Measured(path, tokenizer, ids.Length, text.Length, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static void Show(Streams streams, Measured a, Measured b, byte[] text)
    {
        List<string[]> rows = [["tokenizer", "vocabulary", "tokens", "bytes per token", "time"]];
        foreach (var each in new[] { a, b })
        {
            rows.Add([each.Path, $"{each.Tokenizer.VocabularySize:N0}", $"{each.TokenCount:N0}", $"{each.BytesPerToken:0.00}", $"{each.Seconds * 1000:N0} ms"]);
        }

        foreach (var line in Columns.Create(rows))
        {
            streams.Output.WriteLine(line);
        }

        streams.Output.WriteLine();
        var share = a.TokenCount == b.TokenCount ? 0 : ((double)b.TokenCount / Math.Max(1, a.TokenCount)) - 1;
        streams.Output.WriteLine(share == 0 ? "both need the same number of tokens" : $"the second needs {Math.Abs(share):P1} {(share < 0 ? "fewer" : "more")} tokens");
        var style = PageStyle.Of(streams.Terminal, isAscii: false);
        List<string[]> examples = [["words that differ most", "first", "second"]];
        foreach (var word in Examples(a.Tokenizer, b.Tokenizer, text))
        {
            examples.Add([new TokenLabels(a.Tokenizer, [], style).Visible(Encoding.UTF8.GetString(word), style.Width), Pieces(a.Tokenizer, word), Pieces(b.Tokenizer, word)]);
        }

        if (examples.Count > 1)
        {
            streams.Output.WriteLine();
            foreach (var line in Columns.Create(examples))
            {
                streams.Output.WriteLine(line);
            }
        }

        string Pieces(Tokenizer tokenizer, byte[] word)
        {
            var ids = tokenizer.Encode(word);
            var labels = new TokenLabels(tokenizer, ids, style);
            return string.Join(' ', ids.Select(id => labels.Of(id, style.Width)));
        }
    }

    /// <summary>The words whose numbers of tokens differ most, the more frequent first.</summary>
    private static IEnumerable<byte[]> Examples(Tokenizer a, Tokenizer b, byte[] text)
    {
        var words = Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(text.Length, ExampleTextBytes)))
            .Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)
            .CountBy(word => word)
            .Where(word => word.Key.Length <= LongestExampleBytes && !word.Key.Contains('\uFFFD'));
        var before = text.Contains((byte)' ') ? " " : ""; // a vocabulary of characters has a space only if the text has
        return words
            .Select(word => (Word: Encoding.UTF8.GetBytes(before + word.Key), Count: word.Value))
            .Select(word => (word.Word, Difference: b.Encode(word.Word).Length - a.Encode(word.Word).Length, word.Count))
            .Where(word => word.Difference != 0)
            .OrderByDescending(word => (long)Math.Abs(word.Difference) * word.Count)
            .Take(ExampleCount)
            .Select(word => word.Word);
    }

    private static JsonObject Json(Measured measured) => new()
    {
        ["tokenizer"] = measured.Path,
        ["vocabularySize"] = measured.Tokenizer.VocabularySize,
        ["tokenCount"] = measured.TokenCount,
        ["bytesPerToken"] = measured.BytesPerToken,
        ["seconds"] = measured.Seconds,
    };

    private sealed record Measured(string Path, Tokenizer Tokenizer, int TokenCount, int ByteCount, double Seconds)
    {
        public double BytesPerToken => (double)ByteCount / Math.Max(1, TokenCount);
    }
}
