using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary><c>inkling tokenizer decode</c>: the text of ids.</summary>
internal static class TokenizerDecode
{
    private const string StandardInput = "-";

    public static Command Create(Streams streams)
    {
        var ids = new Option<string[]>("--ids")
        {
            HelpName = "ids",
            Description = $"Token ids with spaces or commas between; {StandardInput} reads them from standard input",
            AllowMultipleArgumentsPerToken = true,
            Required = true,
        };
        var output = new Option<string?>("--out") { HelpName = "file", Description = "File for the bytes as they are, without a line break after them" }.NotEmpty();
        var json = new Option<bool>("--json") { Description = "One line of JSON: text, byteCount" };
        var command = new Command("decode", "Gives the text of token ids.");
        var tokenizerOption = new TokenizerOption(command);
        command.Add(ids);
        command.Add(output);
        command.Add(json);
        command.SetAction(parse =>
        {
            string[] given = parse.GetRequiredValue(ids);
            var numbers = Parse(given is [StandardInput] ? [new StreamReader(streams.Input).ReadToEnd()] : given);
            var bytes = Decode(tokenizerOption.Read(parse), numbers);
            if (parse.GetValue(output) is { } path)
            {
                if (Directory.Exists(path))
                {
                    throw new FailureException($"{path} is a folder; --out takes a file");
                }

                File.WriteAllBytes(path, bytes);
            }

            var text = Encoding.UTF8.GetString(bytes);
            if (parse.GetValue(json))
            {
                streams.PipedOutput.WriteJsonLine(new JsonObject { ["text"] = text, ["byteCount"] = bytes.Length });
            }
            else if (parse.GetValue(output) is null)
            {
                streams.PipedOutput.WriteLine(text);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static int[] Parse(IEnumerable<string> texts)
    {
        var ids = new List<int>();
        foreach (var text in texts.Select(IdsOfJson).SelectMany(text => text.Split([' ', ',', '\n', '\r', '\t', '[', ']'], StringSplitOptions.RemoveEmptyEntries)))
        {
            ids.Add(int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new UsageException($"--ids has '{text}', which is no token id; give whole numbers such as 15496 11 995"));
        }

        return [.. ids];
    }

    /// <summary>The ids in what <c>encode --json</c> writes; anything else as it is.</summary>
    private static string IdsOfJson(string text)
    {
        const string Begin = "{\"ids\":[";
        var end = text.IndexOf(']');
        return text.StartsWith(Begin, StringComparison.Ordinal) && end > 0 ? text[Begin.Length..end] : text;
    }

    private static byte[] Decode(Tokenizer tokenizer, int[] ids)
    {
        try
        {
            return tokenizer.DecodeBytes(ids);
        }
        catch (UnknownTokenException e)
        {
            throw new FailureException(e.Message);
        }
    }
}
