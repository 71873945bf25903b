using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Inkling.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary><c>inkling tokenizer encode</c>: the ids of a text.</summary>
internal static class TokenizerEncode
{
    public static Command Create(Streams streams)
    {
        var lines = new Option<bool>("--lines") { Description = "Every line is a text by itself, without its line break" };
        var special = new Option<bool>("--special") { Description = "Where the text spells a special token, that token is meant" };
        var add = new Option<bool>("--add-special") { Description = "Adds the special tokens that the tokenizer puts around a text" };
        var offsets = new Option<bool>("--offsets") { Description = "Also first and last byte of each token in the text" };
        var json = new Option<bool>("--json") { Description = "A line of JSON for each text: ids, byteCount" };
        var command = new Command("encode", "Gives the token ids of a text.");
        var tokenizerOption = new TokenizerOption(command);
        var textOptions = new TextOptions(command);
        foreach (var option in new[] { lines, special, add, offsets, json })
        {
            command.Add(option);
        }

        command.SetAction(parse =>
        {
            var text = textOptions.ReadRequired(parse, streams.Input);
            var tokenizer = tokenizerOption.Read(parse);
            var use = (parse.GetValue(special) ? SpecialTokenUse.Recognize : 0) | (parse.GetValue(add) ? SpecialTokenUse.Add : 0);
            var hasOffsets = parse.GetValue(offsets);
            foreach (var each in parse.GetValue(lines) ? Lines(text) : [text])
            {
                var spans = hasOffsets ? tokenizer.EncodeWithOffsets(each.Span, use) : null;
                var ids = spans?.Select(span => span.Id).ToArray() ?? tokenizer.Encode(each.Span, use);
                streams.PipedOutput.WriteLine(parse.GetValue(json) ? Json(ids, spans, each.Length) : Plain(ids, spans));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> text)
    {
        while (!text.IsEmpty)
        {
            var length = text.Span.IndexOf((byte)'\n');
            var line = length < 0 ? text : text[..length];
            yield return line;
            text = length < 0 ? default : text[(length + 1)..];
        }
    }

    // Written by hand, because a text of many megabytes has as many numbers.
    private static string Plain(int[] ids, TokenSpan[]? spans)
    {
        var line = new StringBuilder(6 * ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            line.Append(i > 0 ? " " : "").Append(ids[i]);
            if (spans is not null)
            {
                line.Append(CultureInfo.InvariantCulture, $"[{spans[i].Start},{spans[i].Start + spans[i].Length})");
            }
        }

        return line.ToString();
    }

    private static string Json(int[] ids, TokenSpan[]? spans, int byteCount)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("ids");
            foreach (var id in ids)
            {
                writer.WriteNumberValue(id);
            }

            writer.WriteEndArray();
            if (spans is not null)
            {
                writer.WriteStartArray("offsets");
                foreach (var span in spans)
                {
                    writer.WriteStartArray();
                    writer.WriteNumberValue(span.Start);
                    writer.WriteNumberValue(span.Start + span.Length);
                    writer.WriteEndArray();
                }

                writer.WriteEndArray();
            }

            writer.WriteNumber("byteCount", byteCount);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
