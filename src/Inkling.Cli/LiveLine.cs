namespace Inkling.Cli;

/// <summary>
/// A line of progress: on a terminal one that is written over in place, elsewhere a plain one now and then. It needs nothing of the
/// terminal but a carriage return.
/// </summary>
internal sealed class LiveLine(TextWriter output, bool isTerminal)
{
    // Fast enough to look alive; slow enough not to cost anything, and not to fill a log.
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private long _last;
    private int _drawn;

    /// <summary>Shows progress, unless it has just been shown.</summary>
    public void Update(Func<string> text)
    {
        var now = Environment.TickCount64;
        if (_last != 0 && now - _last < (isTerminal ? RedrawInterval : PlainInterval).TotalMilliseconds)
        {
            return;
        }

        _last = now;
        if (isTerminal)
        {
            // The last column stays free: some terminals break the line there.
            var line = text();
            line = line[..Math.Min(line.Length, Math.Max(1, TerminalWidth - 1))];
            output.Write($"\r{line.PadRight(_drawn)}");
            _drawn = line.Length;
        }
        else
        {
            output.WriteLine(text());
        }
    }

    /// <summary>Writes a line that stays, above the progress.</summary>
    public void WriteLine(string line = "")
    {
        Clear();
        output.WriteLine(line);
    }

    /// <summary>Takes the progress away.</summary>
    public void Clear()
    {
        if (_drawn > 0)
        {
            // Two more for the ^C that a terminal may have added.
            output.Write($"\r{new string(' ', Math.Min(_drawn + 2, TerminalWidth - 1))}\r");
            (_drawn, _last) = (0, 0);
        }
    }

    private static int TerminalWidth
    {
        get
        {
            try
            {
                return Console.WindowWidth > 0 ? Console.WindowWidth : 80;
            }
            catch (IOException)
            {
                return 80;
            }
        }
    }
}
