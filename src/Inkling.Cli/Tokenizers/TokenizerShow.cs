using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inkling.Cli.Explaining;
using Inkling.Cli.Screen;
using Inkling.Text;

namespace Inkling.Cli.Tokenizers;

/// <summary><c>inkling tokenizer show</c>: a text as tokens to look at, or what a tokenizer is.</summary>
internal static class TokenizerShow
{
    private const int MostTokens = 400;
    private const int MostSteps = 200;
    private const int LongestTokens = 12;

    // More steps than are shown come from fewer bytes; every one of them as JSON would take a thousand times the text's memory.
    private const int MostBytesOfSteps = 1 << 16;
    private const int MostBytesOfAllSteps = 1 << 20;

    public static Command Create(Streams streams)
    {
        var special = new Option<bool>("--special") { Description = "Where the text spells a special token, that token is meant" };
        var steps = new Option<bool>("--steps") { Description = "Also every step: normalised text, pieces, merges in their order" };
        var json = new Option<bool>("--json") { Description = "One line of JSON" };
        var command = new Command("show", "Shows the tokens of a text with their ids, or without a text what the tokenizer is.");
        var tokenizerOption = new TokenizerOption(command);
        var textOptions = new TextOptions(command);
        foreach (var option in new[] { special, steps, json })
        {
            command.Add(option);
        }

        command.SetAction(parse =>
        {
            var text = textOptions.Read(parse, streams.Input);
            var tokenizer = tokenizerOption.Read(parse);
            var use = parse.GetValue(special) ? SpecialTokenUse.Recognize : SpecialTokenUse.None;
            if (text is null)
            {
                ShowTokenizer(streams, tokenizer, parse.GetValue(json));
            }
            else
            {
                ShowText(streams, tokenizer, text, use, parse.GetValue(steps), parse.GetValue(json));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void ShowTokenizer(Streams streams, Tokenizer tokenizer, bool json)
    {
        int[] used = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsUsed)];
        var longest = used.OrderByDescending(id => tokenizer.BytesOf(id).Length).Take(LongestTokens).ToArray();
        if (json)
        {
            streams.Output.WriteJsonLine(new JsonObject
            {
                ["kind"] = tokenizer.Kind,
                ["vocabularySize"] = tokenizer.VocabularySize,
                ["addedTokens"] = new JsonArray([.. tokenizer.AddedTokens.Select(token => new JsonObject { ["id"] = token.Id, ["content"] = token.Content, ["special"] = token.IsSpecial })]),
            });
            return;
        }

        var sheet = new Sheet(streams.Output, streams.Terminal);
        var labels = new TokenLabels(tokenizer, [], PageStyle.Of(streams.Terminal, isAscii: false));
        sheet.Add("kind", tokenizer.Kind);
        sheet.Add("vocabulary", $"{tokenizer.VocabularySize:N0} tokens{(used.Length < tokenizer.VocabularySize ? $", {used.Length:N0} of them in use" : "")}");
        sheet.Add("mean length", $"{used.Average(id => tokenizer.BytesOf(id).Length):0.0} bytes");
        sheet.Add("longest", longest.Select(id => labels.Of(id, width: 40)));
        if (tokenizer.AddedTokens.Count > 0)
        {
            var shown = tokenizer.AddedTokens.Take(LongestTokens).Select(token => $"{token.Content} ({token.Id})");
            sheet.Add("special", tokenizer.AddedTokens.Count > LongestTokens ? [.. shown, $"and {tokenizer.AddedTokens.Count - LongestTokens} more"] : shown);
        }
    }

    private static void ShowText(Streams streams, Tokenizer tokenizer, byte[] text, SpecialTokenUse use, bool hasSteps, bool json)
    {
        if (hasSteps && json && text.Length > MostBytesOfAllSteps)
        {
            throw new FailureException($"the text has {text.Length} bytes; --steps with --json takes {MostBytesOfAllSteps} at most");
        }

        var ids = tokenizer.Encode(text, use);
        var explained = Beginning(text, json ? MostBytesOfAllSteps : MostBytesOfSteps);
        var explanation = hasSteps ? tokenizer.Explain(explained, use) : null;
        if (json)
        {
            streams.PipedOutput.WriteLine(Json(tokenizer, text, ids, explanation));
            return;
        }

        var style = PageStyle.Of(streams.Terminal, isAscii: false);
        var labels = new TokenLabels(tokenizer, ids, style);
        if (ids.Length > 0)
        {
            WriteTokens(streams, labels, ids, style);
            streams.Output.WriteLine();
        }

        var sheet = new Sheet(streams.Output, streams.Terminal);
        sheet.Add("tokens", $"{ids.Length:N0} of a vocabulary of {tokenizer.VocabularySize:N0}, {ids.Distinct().Count():N0} different ones");
        sheet.Add("text", $"{text.Length:N0} bytes, {Encoding.UTF8.GetString(text).EnumerateRunes().Count():N0} characters");
        if (ids.Length > 0)
        {
            sheet.Add("compression", $"{(double)text.Length / ids.Length:N2} bytes per token");
        }

        if (labels.Legend() is { Length: > 0 } legend)
        {
            sheet.Add("signs", legend);
        }

        if (explanation is not null)
        {
            WriteSteps(streams, explanation, labels, style, isWhole: explained.Length == text.Length);
        }
    }

    /// <summary>Tokens side by side, each above its id, in two colours by turns.</summary>
    private static void WriteTokens(Streams streams, TokenLabels labels, int[] ids, PageStyle style)
    {
        var (above, below, used) = (new StringBuilder(), new StringBuilder(), 0);
        for (var i = 0; i < Math.Min(ids.Length, MostTokens); i++)
        {
            var (label, id) = (labels.Of(ids[i], style.Width), ids[i].ToString());
            var width = Math.Max(TextWidth.Of(label), id.Length);
            if (used > 0 && used + width > style.Width)
            {
                WriteRows();
            }

            above.Append(streams.Terminal.Paint(i % 2 == 0 ? Style.Good : Style.Notable, label)).Append(' ', width - TextWidth.Of(label) + 1);
            below.Append(streams.Terminal.Paint(Style.Quiet, id)).Append(' ', width - id.Length + 1);
            used += width + 1;
        }

        WriteRows();
        if (ids.Length > MostTokens)
        {
            streams.Output.WriteLine($"{style.Ellipsis} and {ids.Length - MostTokens:N0} more");
        }

        void WriteRows()
        {
            streams.Output.WriteLine(above.ToString().TrimEnd());
            streams.Output.WriteLine(below.ToString().TrimEnd());
            above.Clear();
            below.Clear();
            used = 0;
        }
    }

    private static void WriteSteps(Streams streams, EncodingExplanation explanation, TokenLabels labels, PageStyle style, bool isWhole)
    {
        streams.Output.WriteLine();
        streams.Output.WriteLine($"normalised: {labels.Visible(explanation.Normalized, style.Width - 12)}");
        var left = MostSteps;
        var arrow = style.IsAscii ? "->" : "→";
        foreach (var piece in explanation.Pieces)
        {
            if ((left -= 1 + piece.Merges.Count) < 0)
            {
                break;
            }

            var tokens = string.Join(' ', piece.Tokens.Select(token => labels.Of(token.Id, style.Width)));
            streams.Output.WriteLine($"{streams.Terminal.Paint(Style.Strong, labels.Visible(piece.Text, style.Width))} {arrow} {tokens}");
            foreach (var merge in piece.Merges)
            {
                streams.Output.WriteLine($"  {labels.Visible(merge.Left, style.Width)} + {labels.Visible(merge.Right, style.Width)}  {streams.Terminal.Paint(Style.Quiet, $"rank {merge.Rank:N0}")}");
            }
        }

        if (left < 0 || !isWhole)
        {
            streams.Output.WriteLine($"{style.Ellipsis} and further pieces");
        }
    }

    /// <summary>The beginning of a text, without half a character at its end.</summary>
    private static ReadOnlySpan<byte> Beginning(ReadOnlySpan<byte> text, int byteCount)
    {
        const int Continuation = 0b10;
        for (; byteCount > 0 && byteCount < text.Length && text[byteCount] >> 6 == Continuation; byteCount--)
        {
        }

        return text[..Math.Min(byteCount, text.Length)];
    }

    // Written and not built of nodes, which take fifty times the memory.
    private static string Json(Tokenizer tokenizer, byte[] text, int[] ids, EncodingExplanation? explanation)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, JsonLine.Layout))
        {
            writer.WriteStartObject();
            WriteNumbers(writer, "ids", ids);
            writer.WriteStartArray("tokens");
            foreach (var id in ids)
            {
                writer.WriteStringValue(Encoding.UTF8.GetString(tokenizer.BytesOf(id)));
            }

            writer.WriteEndArray();
            writer.WriteNumber("byteCount", text.Length);
            writer.WriteNumber("bytesPerToken", (double)text.Length / Math.Max(1, ids.Length));
            if (explanation is not null)
            {
                WriteSteps(writer, explanation);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void WriteSteps(Utf8JsonWriter writer, EncodingExplanation explanation)
    {
        writer.WriteString("normalized", explanation.Normalized);
        writer.WriteStartArray("pieces");
        foreach (var piece in explanation.Pieces)
        {
            writer.WriteStartObject();
            writer.WriteString("text", piece.Text);
            WriteNumbers(writer, "tokens", piece.Tokens.Select(token => token.Id));
            writer.WriteStartArray("merges");
            foreach (var merge in piece.Merges)
            {
                writer.WriteStartObject();
                writer.WriteString("left", merge.Left);
                writer.WriteString("right", merge.Right);
                writer.WriteNumber("rank", merge.Rank);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<int> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }
}
