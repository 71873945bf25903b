namespace Inkling.Data.Scenes.Grammar;

/// <summary>
/// Follows texts of a grammar, one after the other, character by character, and says how surprising each character was.
/// The time is proportional to the length.
/// </summary>
internal sealed class Reader(Node start)
{
    private readonly Dictionary<(Choice, Bindings), HeadTable> _tables = [];
    private readonly Stack<Node> _rest = [];
    private Bindings _remembered;
    private int _position;

    /// <summary>
    /// −log p(character | all before it since its text began), in nats: the mass of all derivations that agree with the
    /// characters before it, ÷ the mass of those that agree with it too. So a choice pays where characters tell alternatives apart.
    /// </summary>
    /// <param name="text">Whole texts, of which the last may be cut off anywhere.</param>
    /// <exception cref="ArgumentException">No text of the grammar goes on like this.</exception>
    public double[] Surprise(string text)
    {
        var surprise = new double[text.Length];
        _rest.Clear();
        _position = 0;
        while (_position < text.Length)
        {
            if (_rest.Count == 0)
            {
                _remembered = default;
                _rest.Push(start);
            }

            Read(_rest.Pop(), text, surprise);
        }

        return surprise;
    }

    private void Read(Node node, string text, double[] surprise)
    {
        switch (node)
        {
            case Literal literal:
                Expect(literal.Text, text);
                break;
            case Sequence sequence:
                Push(sequence.Parts);
                break;
            case Choice choice:
                Choose(TableOf(choice), text, surprise);
                break;
            case Remember remember:
                Expect(remember.Text, text);
                _remembered = _remembered.With(remember.Variable, remember.Value);
                break;
            case Given given:
                _rest.Push(given.Branches[_remembered.ValueOf(given.Variable)]);
                break;
        }
    }

    private void Choose(HeadTable table, string text, double[] surprise)
    {
        (int first, int end) = (0, table.Count);
        int depth = 0;
        for (; end - first > 1; depth++, _position++)
        {
            if (_position == text.Length)
                return;

            (int from, int to) = table.Narrow(first, end, depth, text[_position]);
            if (from == to)
                throw Unexpected(text);

            if (to - from < end - first)
                surprise[_position] = Math.Log(table.Mass(first, end) / table.Mass(from, to));
            (first, end) = (from, to);
        }

        HeadTable.Head head = table[first];
        Expect(head.Text.AsSpan(depth), text);
        if (head.Remembered is { } remember)
            _remembered = _remembered.With(remember.Variable, remember.Value);
        Push(head.After);
    }

    private void Expect(ReadOnlySpan<char> expected, string text)
    {
        foreach (char character in expected)
        {
            if (_position == text.Length)
                return;

            if (text[_position] != character)
                throw Unexpected(text);

            _position++;
        }
    }

    private void Push(Node[] parts)
    {
        for (int i = parts.Length - 1; i >= 0; i--)
            _rest.Push(parts[i]);
    }

    private HeadTable TableOf(Choice choice)
    {
        var key = (choice, _remembered.Only(choice.HeadReads));
        if (!_tables.TryGetValue(key, out HeadTable? table))
            _tables.Add(key, table = new HeadTable(choice, _remembered));
        return table;
    }

    private ArgumentException Unexpected(string text) =>
        new($"Character {_position + 1} cannot follow those before it: the text is not made of whole scenes from its start on.", nameof(text));
}
