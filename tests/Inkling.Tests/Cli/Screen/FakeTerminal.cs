using System.Text.RegularExpressions;
using Inkling.Cli.Screen;

namespace Inkling.Tests.Cli.Screen;

/// <summary>A screen that obeys what <see cref="LiveLines"/> writes, and nothing else: an escape that it does not know is an error.</summary>
internal sealed partial class FakeTerminal : StringWriter
{
    private readonly List<char[]> _rows = [];
    private int _row;
    private int _column;

    public FakeTerminal() => NewLine = "\n";

    public int Columns { get; set; } = 80;

    public Terminal Terminal => new() { CanRedraw = true, Width = () => Columns };

    /// <summary>Where the cursor is: row and column.</summary>
    public (int Row, int Column) Cursor => (_row, _column);

    /// <summary>What is to be seen, without blanks at the ends of lines and of the screen.</summary>
    public string Seen => string.Join('\n', _rows.Select(row => new string(row).TrimEnd('\0').Replace('\0', ' '))).TrimEnd('\n');

    public override void Write(string? value)
    {
        foreach (Match part in Part().Matches(value!))
        {
            switch (part.Value)
            {
                case "\r":
                    _column = 0;
                    break;
                case "\n":
                    (_row, _column) = (_row + 1, 0);
                    break;
                case "\e[K":
                    Array.Clear(Row(), _column, Row().Length - _column);
                    break;
                case "\e[J":
                    Array.Clear(Row(), _column, Row().Length - _column);
                    _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                    break;
                case ['\e', '[', .. var count, 'A']:
                    _row -= int.Parse(count, null);
                    break;
                case ['\e', ..]:
                    Assert.Fail($"unknown escape {part.Value[1..]}");
                    break;
                default:
                    Put(part.Value[0]);
                    break;
            }
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    private void Put(char character)
    {
        if (_column == Columns)
        {
            (_row, _column) = (_row + 1, 0);
        }

        Row()[_column++] = character;
    }

    private char[] Row()
    {
        while (_rows.Count <= _row)
        {
            _rows.Add(new char[400]);
        }

        return _rows[_row];
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]|[\s\S]")]
    private static partial Regex Part();
}
