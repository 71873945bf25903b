using Inkling.Cli.Screen;

namespace Inkling.Tests.Cli.Screen;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("", true, true, true)]
    [InlineData("TERM=xterm LANG=en_GB.UTF-8", true, true, true)]
    [InlineData("TERM=dumb", false, false, false)]
    [InlineData("NO_COLOR=1", true, false, true)]
    [InlineData("NO_COLOR=", true, true, true)]
    [InlineData("LANG=C", true, true, false)]
    [InlineData("LC_ALL=POSIX LANG=en_GB.UTF-8", true, true, false)]
    [InlineData("LANG=C.utf8", true, true, true)]
    [InlineData("TERM=linux LANG=en_GB.UTF-8", true, true, false)]
    public void The_environment_says_what_a_terminal_can_do(string variables, bool canRedraw, bool hasColor, bool hasUnicode)
    {
        var terminal = Terminal.From(isRedirected: false, Variables(variables));

        Assert.Equal((canRedraw, hasColor, hasUnicode), (terminal.CanRedraw, terminal.HasColor, terminal.HasUnicode));
    }

    [Fact]
    public void A_file_is_no_terminal() => Assert.Same(Terminal.None, Terminal.From(isRedirected: true, Variables("TERM=xterm")));

    [Fact]
    public void Without_colour_text_is_painted_with_nothing()
    {
        var colored = new Terminal { CanRedraw = true, HasColor = true };

        Assert.Equal("\e[38;5;33mbest\e[0m", colored.Paint(Style.Good, "best"));
        Assert.Equal("plain", colored.Paint(Style.Plain, "plain"));
        Assert.All(Enum.GetValues<Style>(), style => Assert.Equal("best", (colored with { HasColor = false }).Paint(style, "best")));
    }

    private static Func<string, string?> Variables(string text)
    {
        var all = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split('=')).ToDictionary(each => each[0], each => each[1]);
        return name => all.GetValueOrDefault(name);
    }
}
