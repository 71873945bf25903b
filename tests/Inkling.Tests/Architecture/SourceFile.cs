using System.Text.RegularExpressions;

namespace Inkling.Tests.Architecture;

/// <summary>A source file of the checkout, as the house rules look at it.</summary>
/// <param name="Path">Relative to the repository's root, with forward slashes.</param>
internal sealed partial record SourceFile(string Path)
{
    /// <summary>All C# files below a folder of the repository, build output left out.</summary>
    public static IEnumerable<SourceFile> Below(string folder) =>
        Directory.EnumerateFiles(System.IO.Path.Combine(RepositoryFolder.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(RepositoryFolder.Root, path).Replace('\\', '/'))
            .Where(path => !BuildOutput().IsMatch(path))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path));

    public string Text => File.ReadAllText(System.IO.Path.Combine(RepositoryFolder.Root, Path));

    /// <summary>The lines of code where <paramref name="pattern"/> matches, as <c>path:line: text</c>.</summary>
    public IEnumerable<string> Matches(Regex pattern) =>
        WithoutCommentsAndStrings(Text).Split('\n')
            .Select((line, index) => (line, index))
            .Where(pair => pattern.IsMatch(pair.line))
            .Select(pair => $"{Path}:{pair.index + 1}: {pair.line.Trim()}");

    /// <summary>Blanks comments, characters and strings, and keeps the line breaks.</summary>
    /// <remarks>Code inside the holes of interpolated strings is blanked too: a scan is no compiler.</remarks>
    public static string WithoutCommentsAndStrings(string source) =>
        CommentOrString().Replace(source, match => new string('\n', match.Value.Count(character => character == '\n')));

    [GeneratedRegex(""""
        //[^\n]* | /\*.*?\*/                      # comments
        | (?<quotes>"{3,}).*?\k<quotes>           # raw strings
        | (?:@\$?|\$@)"(?:[^"]|"")*"              # verbatim strings
        | "(?:\\.|[^"\\\n])*"                     # strings
        | '(?:\\.[^'\n]*|[^'\\\n])'               # characters
        """", RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrString();

    [GeneratedRegex("(^|/)(bin|obj)/")]
    private static partial Regex BuildOutput();
}
