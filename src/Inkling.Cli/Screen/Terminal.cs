namespace Inkling.Cli.Screen;

/// <summary>What the place that shows the output can do; tests describe their own.</summary>
internal sealed record Terminal
{
    private const int UsualWidth = 80;

    /// <summary>A file, a pipe, or a terminal that only prints.</summary>
    public static Terminal None { get; } = new();

    /// <summary>Whether escape sequences move the cursor and erase.</summary>
    public bool CanRedraw { get; init; }

    /// <summary>Whether text may be coloured, bold or dim.</summary>
    public bool HasColor { get; init; }

    /// <summary>Whether bars and blocks outside ASCII can be shown.</summary>
    public bool HasUnicode { get; init; }

    /// <summary>Gives the columns there are at this moment.</summary>
    public Func<int> Width { get; init; } = () => UsualWidth;

    /// <summary>The one that standard output of this process goes to.</summary>
    public static Terminal OfProcess()
    {
        var terminal = From(Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        return terminal.CanRedraw && OperatingSystem.IsWindows() && !WindowsConsole.TryEnableEscapes()
            ? terminal with { CanRedraw = false, HasColor = false }
            : terminal;
    }

    /// <summary>What the variables of an environment say.</summary>
    /// <param name="isRedirected">Whether output goes to a file or a pipe.</param>
    /// <param name="variable">Gives a variable's value, or null.</param>
    public static Terminal From(bool isRedirected, Func<string, string?> variable)
    {
        var kind = variable("TERM");
        if (isRedirected || kind == "dumb")
        {
            return None;
        }

        // no-color.org: any value but the empty one.
        return new Terminal
        {
            CanRedraw = true,
            HasColor = variable("NO_COLOR") is not { Length: > 0 },
            HasUnicode = IsUnicode(kind, variable),
            Width = ConsoleWidth,
        };
    }

    /// <summary>The text with what makes it look so around it, where there is colour.</summary>
    public string Paint(Style style, string text)
    {
        // Colours of the 256 that are readable on black and on white.
        var code = style switch
        {
            Style.Strong => "1",
            Style.Quiet => "2",
            Style.Good => "38;5;33",
            Style.Notable => "38;5;166",
            _ => "",
        };
        return HasColor && code.Length > 0 && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
    }

    /// <summary>The locale's character set where it names one. Without any locale, as in most containers, terminals still show UTF-8.</summary>
    private static bool IsUnicode(string? kind, Func<string, string?> variable)
    {
        // The font of the Linux console has hardly any of the blocks.
        if (kind == "linux")
        {
            return false;
        }

        var locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(variable).FirstOrDefault(value => value is { Length: > 0 });
        return locale is null || locale.Replace("-", "", StringComparison.Ordinal).Contains("utf8", StringComparison.OrdinalIgnoreCase);
    }

    private static int ConsoleWidth()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : UsualWidth;
        }
        catch (IOException)
        {
            return UsualWidth;
        }
    }
}
