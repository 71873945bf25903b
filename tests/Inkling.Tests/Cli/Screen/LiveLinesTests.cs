using Inkling.Cli.Screen;

namespace Inkling.Tests.Cli.Screen;

public sealed class LiveLinesTests
{
    private readonly FakeTerminal _screen = new();

    [Fact]
    public void Lines_are_drawn_over_in_place()
    {
        var live = new LiveLines(_screen, _screen.Terminal);

        Draw(live, "bar -----", "loss 4.000");
        Draw(live, "bar #", "loss 3");

        Assert.Equal("bar #\nloss 3", _screen.Seen);
        Assert.Equal((0, 0), _screen.Cursor);
    }

    [Fact]
    public void What_stays_is_written_above_and_the_progress_stays_below()
    {
        var live = new LiveLines(_screen, _screen.Terminal);

        Draw(live, "bar -----", "loss 4.000");
        live.Write("step 1: evaluated", "a sample");

        Assert.Equal("step 1: evaluated\na sample\nbar -----\nloss 4.000", _screen.Seen);
        Assert.Equal((2, 0), _screen.Cursor);
    }

    [Fact]
    public void A_line_that_is_longer_than_the_screen_leaves_no_rest_of_the_progress()
    {
        _screen.Columns = 20;
        var live = new LiveLines(_screen, _screen.Terminal);

        Draw(live, "bar ---------------", "loss ##############");
        live.Write("a line of many more than 20 columns");

        Assert.Equal("a line of many more \nthan 20 columns\nbar ---------------\nloss ##############", _screen.Seen);
    }

    [Fact]
    public void Clearing_leaves_only_what_stays()
    {
        var live = new LiveLines(_screen, _screen.Terminal);

        Draw(live, "bar", "loss");
        live.Write("done");
        // What a terminal adds on Ctrl-C.
        _screen.Write("^C");
        live.Clear();

        Assert.Equal("done", _screen.Seen);
        Assert.Equal((1, 0), _screen.Cursor);
    }

    [Fact]
    public void The_cursor_is_never_hidden_and_nothing_is_wider_than_the_screen()
    {
        _screen.Columns = 10;
        var live = new LiveLines(_screen, _screen.Terminal);

        Draw(live, "a bar that is much too long", "x");

        // The last column stays free.
        Assert.Equal("a bar tha\nx", _screen.Seen);
    }

    [Fact]
    public void A_window_that_was_resized_is_drawn_for_its_new_width()
    {
        var live = new LiveLines(_screen, _screen.Terminal);
        var widths = new List<int>();

        live.Update(Draw, () => "", atOnce: true);
        _screen.Columns = 50;
        live.Update(Draw, () => "", atOnce: true);

        Assert.Equal([79, 49], widths);

        IReadOnlyList<StyledText> Draw(int columns)
        {
            widths.Add(columns);
            return [new string('=', columns)];
        }
    }

    [Fact]
    public void Progress_is_drawn_at_most_ten_times_a_second()
    {
        var live = new LiveLines(_screen, _screen.Terminal);

        live.Update(_ => ["first"], () => "");
        live.Update(_ => ["second"], () => "");

        Assert.Equal("first", _screen.Seen);
    }

    [Fact]
    public void Elsewhere_the_first_is_a_plain_line_and_the_next_waits()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var live = new LiveLines(output, Terminal.None);

        live.Update(_ => ["never"], () => "step 1");
        live.Update(_ => ["never"], () => "step 2", atOnce: true);
        live.Write(new StyledText([(Style.Good, "done")]));
        live.Clear();

        Assert.Equal("step 1\ndone\n", output.ToString());
    }

    private static void Draw(LiveLines live, params StyledText[] lines) => live.Update(_ => lines, () => "", atOnce: true);
}
