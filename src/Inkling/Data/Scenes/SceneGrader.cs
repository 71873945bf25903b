using Inkling.Data.Scenes.Grammar;

namespace Inkling.Data.Scenes;

/// <summary>Compares any text with what the grammar of the scenes can write.</summary>
internal sealed class SceneGrader
{
    private readonly HashSet<string> _vocabulary = [];
    private readonly List<Line> _lines = [];
    private readonly Dictionary<string, int> _rhymes;
    private readonly Dictionary<string, int> _numbers;

    public SceneGrader()
    {
        Collect(Scene.Grammar, []);
        _rhymes = Verse.Rhymes.SelectMany((group, index) => group.Select(word => (word, index))).ToDictionary();
        _numbers = Words.Numbers.Select((word, number) => (word, number)).ToDictionary();
    }

    public SceneGrade Grade(string text)
    {
        string[] lines = text.Split('\n');
        lines = lines.Length > 2 ? lines[1..^1] : [];

        string[] words = [.. lines.SelectMany(WordsOf)];
        string[] filled = [.. lines.Where(line => line.Length > 0)];
        (string First, string Second)[] couplets = [.. Couplets(lines)];
        bool[] sums = [.. filled.Select(SumOf).OfType<bool>()];
        return new SceneGrade(
            words.Length,
            words.Count(_vocabulary.Contains),
            filled.Length,
            filled.Count(IsGrammatical),
            couplets.Length,
            couplets.Count(couplet => Rhyme(couplet.First, couplet.Second)),
            sums.Length,
            sums.Count(right => right));
    }

    private bool IsGrammatical(string line) => _lines.Exists(rule => Matcher.Prints(rule, line + "\n"));

    private static IEnumerable<(string First, string Second)> Couplets(string[] lines)
    {
        for (int i = 1; i < lines.Length; i++)
        {
            if (lines[i - 1].StartsWith(Verse.Indent, StringComparison.Ordinal) && lines[i].StartsWith(Verse.Indent, StringComparison.Ordinal))
            {
                yield return (lines[i - 1], lines[i]);
                i++;
            }
        }
    }

    private bool Rhyme(string first, string second)
    {
        string a = WordsOf(first).LastOrDefault("");
        string b = WordsOf(second).LastOrDefault("");
        return a != b && _rhymes.TryGetValue(a, out int group) && _rhymes.TryGetValue(b, out int other) && group == other;
    }

    /// <summary>Whether the sum in a line is right, or null when there is none: [2] and [3] make [5], [9] less [2] leave [7].</summary>
    private bool? SumOf(string line)
    {
        string[] parts = [.. WordsOf(line)
            .Select(word => word.ToLowerInvariant())
            .Where(word => _numbers.ContainsKey(word) || word is "and" or "less" or "make" or "leave")];
        for (int i = 0; i + 5 <= parts.Length; i++)
        {
            if (parts[i..(i + 5)] is [var a, "and" or "less", var b, "make" or "leave", var c]
                && _numbers.TryGetValue(a, out int left) && _numbers.TryGetValue(b, out int right) && _numbers.TryGetValue(c, out int result))
            {
                return result == (parts[i + 1] == "and" ? left + right : left - right);
            }
        }

        return null;
    }

    private void Collect(Node node, HashSet<Node> seen)
    {
        if (!seen.Add(node))
            return;

        if (node is Line line)
            _lines.Add(line);
        if (((node as Literal)?.Text ?? (node as Remember)?.Text) is { } text)
            _vocabulary.UnionWith(WordsOf(text));
        foreach (Node child in node.Children)
            Collect(child, seen);
    }

    private static IEnumerable<string> WordsOf(string text)
    {
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetter(text[i]))
                continue;

            if (i > start)
                yield return text[start..i];
            start = i + 1;
        }
    }
}
