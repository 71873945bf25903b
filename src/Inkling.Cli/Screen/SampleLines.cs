namespace Inkling.Cli.Screen;

/// <summary>A sample as plain text: quiet, a little indented, and nothing in it that a terminal would obey.</summary>
internal static class SampleLines
{
    private const string Indent = "  ";

    public static IReadOnlyList<StyledText> Create(string text, IReadOnlyDictionary<string, string>? grades, Terminal terminal)
    {
        var width = terminal.CanRedraw ? Math.Max(20, terminal.Width() - 1 - Indent.Length) : int.MaxValue;
        var lines = text.ReplaceLineEndings("\n").Split('\n')
            .SelectMany(line => Wrap(string.Concat(line.Where(c => !char.IsControl(c))), width))
            .Select(line => new StyledText([(Style.Quiet, line.Length > 0 ? Indent + line : "")]));
        var verdict = grades is { Count: > 0 }
            ? Wrap($"report card: {string.Join(", ", grades.Select(grade => $"{grade.Key} {grade.Value}"))}", width)
                .Select(line => new StyledText([(Style.Plain, Indent + line)]))
            : [];
        return [.. lines, .. verdict, ""];
    }

    /// <summary>Breaks at spaces where it can, so that the indent stays one.</summary>
    private static IEnumerable<string> Wrap(string line, int width)
    {
        while (line.Length > width)
        {
            var space = line.LastIndexOf(' ', width);
            var cut = space > 0 ? space : char.IsHighSurrogate(line[width - 1]) ? width - 1 : width;
            yield return line[..cut];
            line = line[cut..].TrimStart(' ');
        }

        yield return line;
    }
}
