namespace Inkling.Cli;

/// <summary>Commands to type next.</summary>
internal static class Invocation
{
    /// <summary>How this program was called; its launcher knows.</summary>
    public static string Name => Environment.GetEnvironmentVariable("INKLING_COMMAND") is { Length: > 0 } name ? Quote(name) : "inkling";

    /// <summary>A word as shells take it.</summary>
    public static string Quote(string word)
        => word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "/\\._-:".Contains(c))
            ? word
            : $"\"{string.Concat(word.Select(c => "\"\\$`!".Contains(c) ? $"\\{c}" : $"{c}"))}\"";
}
