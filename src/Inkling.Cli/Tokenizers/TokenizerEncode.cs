using System.CommandLine;
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
        var offsets = new Option<bool>("--offsets") { Description = "Also where each token lies in the text: its first byte and the one after its last" };
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
            var writer = new EncodedLines(streams.PipedOutput, parse.GetValue(json));
            try
            {
                foreach (var each in parse.GetValue(lines) ? Lines(text) : [text])
                {
                    if (hasOffsets)
                    {
                        writer.Write(tokenizer.EncodeWithOffsets(each.Span, use), each.Length);
                    }
                    else
                    {
                        writer.Write(tokenizer.Encode(each.Span, use), each.Length);
                    }
                }
            }
            finally
            {
                writer.Flush(); // also what came before a line that cannot be encoded
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
}
