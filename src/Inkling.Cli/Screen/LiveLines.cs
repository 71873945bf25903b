using System.Text;

namespace Inkling.Cli.Screen;

/// <summary>
/// Progress: on a terminal a few lines that are drawn over in place, below all that stays; elsewhere a plain line now and then.
/// </summary>
/// <remarks>
/// The cursor waits at the first column of the first line, so that drawing again starts from a place that survives a resized window,
/// whether its terminal reflows lines or not. It is never hidden, and so is there however the process ends.
/// </remarks>
internal sealed class LiveLines(TextWriter output, Terminal terminal)
{
    private const string EraseRight = "\e[K";
    private const string EraseBelow = "\e[J";

    // Fast enough to look alive; slow enough not to cost anything, and not to fill a log.
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private IReadOnlyList<StyledText> _lines = [];
    private long _last;

    /// <summary>Shows progress, unless it has just been shown.</summary>
    /// <param name="draw">The lines for a number of columns, on a terminal.</param>
    /// <param name="plain">The line elsewhere.</param>
    /// <param name="atOnce">Even if it has just been shown; on a terminal only.</param>
    public void Update(Func<int, IReadOnlyList<StyledText>> draw, Func<string> plain, bool atOnce = false)
    {
        var now = Environment.TickCount64;
        var isEarly = _last != 0 && now - _last < (terminal.CanRedraw ? RedrawInterval : PlainInterval).TotalMilliseconds;
        if (isEarly && !(atOnce && terminal.CanRedraw))
        {
            return;
        }

        _last = now;
        if (terminal.CanRedraw)
        {
            // The last column stays free: some terminals break the line there.
            _lines = draw(Math.Max(1, terminal.Width() - 1));
            Redraw([]);
        }
        else
        {
            output.WriteLine(plain());
        }
    }

    /// <summary>Writes lines that stay, above the progress.</summary>
    public void Write(params IReadOnlyList<StyledText> lines)
    {
        if (terminal.CanRedraw)
        {
            Redraw(lines);
        }
        else
        {
            foreach (var line in lines)
            {
                output.WriteLine(line);
            }
        }
    }

    /// <summary>Takes the progress away.</summary>
    public void Clear()
    {
        if (_lines.Count > 0)
        {
            _lines = [];
            Redraw([]);
        }
    }

    /// <summary>One write per frame, each line over the old one: nothing is blank for a moment.</summary>
    private void Redraw(IReadOnlyList<StyledText> above)
    {
        var columns = Math.Max(1, terminal.Width() - 1);
        var frame = new StringBuilder("\r");
        foreach (var line in above)
        {
            frame.Append(line.Paint(terminal)).Append(EraseRight).Append(output.NewLine);
        }

        frame.AppendJoin($"{EraseRight}{output.NewLine}", _lines.Select(line => line.Cut(columns).Paint(terminal)));
        frame.Append(EraseBelow);
        if (_lines.Count > 1)
        {
            frame.Append(null, $"\e[{_lines.Count - 1}A");
        }

        output.Write(frame.Append('\r').ToString());
    }
}
