using Inkling.Cli.Screen;

namespace Inkling.Cli;

/// <summary>Names and values below each other, readable at 80 columns, in a file and without colour.</summary>
internal sealed class Sheet(TextWriter output, Terminal? terminal = null)
{
    private const int NameWidth = 14;
    private const int Width = 79;

    /// <summary>Writes a line, or more when the value is too long for one.</summary>
    public void Add(string name, string value) => Add(name, value.Split(' '));

    /// <summary>Writes pieces side by side, none of them broken.</summary>
    public void Add(string name, IEnumerable<string> pieces)
    {
        var line = "";
        foreach (var piece in pieces)
        {
            if (line.Length > 0 && NameWidth + line.Length + 1 + piece.Length > Width)
            {
                Write(line);
                (name, line) = ("", "");
            }

            line += line.Length == 0 ? piece : $" {piece}";
        }

        Write(line);

        void Write(string text)
        {
            var label = name.PadRight(NameWidth);
            output.WriteLine($"{(terminal is null || name.Length == 0 ? label : terminal.Paint(Style.Quiet, label))}{text}");
        }
    }
}
