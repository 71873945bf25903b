using System.Text.Json;

namespace Inkling.Training.Verification;

/// <summary>Looks at the lines of <c>metrics.jsonl</c> and its like.</summary>
internal static class LogCheck
{
    private const int LinesShown = 3;

    /// <summary>What is wrong with the lines: not an object with a step, steps that go back, an end that is torn.</summary>
    /// <param name="content">All of the file.</param>
    /// <param name="seen">Told the step and the object of each good line.</param>
    public static IEnumerable<string> ProblemsOf(ReadOnlyMemory<byte> content, Action<long, JsonElement> seen)
    {
        var (damaged, backwards) = (new List<int>(), new List<int>());
        var (number, last) = (0, long.MinValue);
        while (content.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            number++;
            if (StepOf(content[..end], seen) is not { } step)
            {
                damaged.Add(number);
            }
            else
            {
                if (step < last)
                {
                    backwards.Add(number);
                }

                last = step;
            }

            content = content[(end + 1)..];
        }

        return
        [
            .. List(damaged, "no JSON object with a step"),
            .. List(backwards, "of an earlier step than the one before"),
            .. content.IsEmpty ? Array.Empty<string>() : [$"line {number + 1}, the last, has no end: a crash has torn it"],
        ];
    }

    private static long? StepOf(ReadOnlyMemory<byte> line, Action<long, JsonElement> seen)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var step = MetricsLog.StepOf(document.RootElement);
            if (step is { } number)
            {
                seen(number, document.RootElement);
            }

            return step;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string[] List(List<int> lines, string problem)
    {
        var rest = lines.Count > LinesShown ? $" and {lines.Count - LinesShown} more" : "";
        return lines.Count == 0 ? []
            : [$"line{(lines.Count == 1 ? "" : "s")} {string.Join(", ", lines.Take(LinesShown))}{rest} {(lines.Count == 1 ? "is" : "are")} {problem}"];
    }
}
