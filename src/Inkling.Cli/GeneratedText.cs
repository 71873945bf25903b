using System.Diagnostics;
using System.Text.Json.Nodes;
using Inkling.Generation;
using Inkling.Text;

namespace Inkling.Cli;

/// <summary>One text of a model while it is written, and what there is to say about it then.</summary>
/// <param name="generator">What writes.</param>
/// <param name="tokenizer">The model's.</param>
/// <param name="stops">Texts to end before.</param>
/// <param name="topCount">Most probable tokens to name for each token; null for no probabilities at all.</param>
internal sealed class GeneratedText(Generator generator, Tokenizer tokenizer, IEnumerable<string> stops, int? topCount)
{
    private const int Width = 79;

    private readonly StopDetector _stop = new(stops);
    private readonly List<GeneratedToken> _probabilities = [];
    private readonly Stopwatch _clock = new();
    private int _tokenCount;

    /// <summary>The text piece by piece, without the prompt.</summary>
    public IEnumerable<string> Write(ReadOnlySpan<int> prompt, GenerationOptions options)
    {
        var tokens = topCount is { } count
            ? generator.GenerateWithProbabilities(prompt, count, options).Select(Remember)
            : generator.Generate(prompt, options);
        _clock.Start();
        return tokens.Select(Count).ToText(tokenizer).Until(_stop);
    }

    /// <summary>The result for programs, once the text is complete.</summary>
    public JsonObject ToJson(string text)
    {
        var result = new JsonObject
        {
            ["text"] = text,
            ["tokenCount"] = _tokenCount,
            ["tokensPerSecond"] = _tokenCount / _clock.Elapsed.TotalSeconds,
            ["stopReason"] = _stop.Found is null ? "length" : "stop",
        };
        if (topCount is not null)
        {
            result["logprobs"] = new JsonArray([.. _probabilities.Select(token =>
            {
                var entry = Entry(token.Token, token.LogProbability);
                entry["top"] = new JsonArray([.. token.Top.Select(other => Entry(other.Token, other.LogProbability))]);
                return entry;
            })]);
        }

        return result;
    }

    /// <summary>The probabilities for people, where they were asked for, once the text is complete.</summary>
    public void WriteTable(TextWriter output)
    {
        if (topCount is null)
        {
            return;
        }

        output.WriteLine($"\n{"token",-12}  {"logprob",9}  {"prob",6}{(topCount > 0 ? "  most probable, with their logprobs" : "")}");
        foreach (var token in _probabilities)
        {
            var line = $"{Quote(token.Token),-12}  {token.LogProbability,9:0.0000}  {Math.Exp(token.LogProbability),6:0.0%}";
            var indent = new string(' ', line.Length);
            foreach (var other in token.Top)
            {
                var entry = $"  {Quote(other.Token)} {other.LogProbability:0.00}";
                if (line.Length + entry.Length > Width)
                {
                    output.WriteLine(line);
                    line = indent;
                }

                line += entry;
            }

            output.WriteLine(line);
        }
    }

    private int Count(int token)
    {
        _tokenCount++;
        return token;
    }

    private int Remember(GeneratedToken token)
    {
        _probabilities.Add(token);
        return token.Token;
    }

    private JsonObject Entry(int token, double logProbability) => new()
    {
        ["token"] = TextOf(token),
        ["id"] = token,
        ["logprob"] = JsonLine.Number(logProbability),
    };

    // A token may be part of a character; it shows as U+FFFD then.
    private string TextOf(int token) => tokenizer.Decode([token]);

    private string Quote(int token)
    {
        return $"\"{string.Concat(TextOf(token).Select(Escape))}\"";

        static string Escape(char c) => c switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '"' => "\\\"",
            '\\' => "\\\\",
            _ => char.IsControl(c) ? $"\\u{(int)c:x4}" : $"{c}",
        };
    }
}
