namespace Inkling.Cli;

/// <summary>Names and values below each other, readable at 80 columns, in a file and without colour.</summary>
internal sealed class Sheet(TextWriter output)
{
    private const int NameWidth = 14;
    private const int Width = 79;

    /// <summary>Writes a line, or more when the value is too long for one.</summary>
    public void Add(string name, string value)
    {
        var rest = value;
        for (var label = name; ; label = "")
        {
            var room = Width - NameWidth;
            var cut = rest.Length <= room ? -1 : rest.LastIndexOf(' ', room);
            output.WriteLine($"{label.PadRight(NameWidth)}{(cut <= 0 ? rest : rest[..cut])}");
            if (cut <= 0)
            {
                return;
            }

            rest = rest[(cut + 1)..];
        }
    }
}
