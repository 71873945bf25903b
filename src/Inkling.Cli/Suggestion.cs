using System.CommandLine;
using System.CommandLine.Parsing;

namespace Inkling.Cli;

/// <summary>What somebody meant who has mistyped an option or a command.</summary>
internal static class Suggestion
{
    /// <summary>Refuses a word that is no option and no command, and names the one that is near it.</summary>
    /// <exception cref="UsageException">There is such a word.</exception>
    public static void RequireKnown(ParseResult parse)
    {
        // A word that looks like an option but is none is taken for an argument where there is room for one.
        var command = parse.CommandResult.Command;
        string[] strangers =
        [
            .. parse.CommandResult.Tokens
                .Where(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))
                .Select(token => token.Value),
            .. parse.UnmatchedTokens,
        ];
        foreach (var word in strangers)
        {
            var isOption = word.StartsWith("--", StringComparison.Ordinal);
            var meant = Nearest(word, isOption ? Options(command) : command.Subcommands.Select(each => each.Name));
            if (meant is not null || isOption)
            {
                throw new UsageException(
                    $"there is no {(isOption ? "option" : "command")} {word}; "
                    + (meant is null ? $"see {CommandLine.NameOf(command)} --help" : $"did you mean {meant}?"));
            }
        }
    }

    /// <summary>The nearest of some names; null where none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> names)
    {
        var near = names
            .Select(name => (Name: name, Distance: name.Length > word.Length && word.Length > 3 && name.StartsWith(word, StringComparison.Ordinal) ? 1 : Distance(word, name)))
            .Where(each => each.Distance <= 1 + (word.Length / 6))
            .ToList();
        return near.Count > 0 ? near.MinBy(each => each.Distance).Name : null;
    }

    private static IEnumerable<string> Options(Command command)
        => command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive))
            .SelectMany(option => option.Aliases.Prepend(option.Name));

    /// <summary>Letters to insert, delete, replace or swap with a neighbour (the optimal string alignment distance).</summary>
    private static int Distance(string a, string b)
    {
        var distances = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                distances[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(
                        Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1,
                        distances[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    distances[i, j] = Math.Min(distances[i, j], distances[i - 2, j - 2] + 1);
                }
            }
        }

        return distances[a.Length, b.Length];
    }
}
