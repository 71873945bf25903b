namespace Inkling.Data.Scenes.Grammar;

/// <summary>
/// The ways in which the text of a choice may begin, sorted, so that those that agree with the characters read so far are
/// neighbours. None is a prefix of another: hence at most one is left when a whole one has been read, and a text has
/// one derivation.
/// </summary>
internal sealed class HeadTable
{
    private readonly Head[] _heads;
    private readonly double[] _massBefore;

    /// <summary>Lists the heads of <paramref name="choice"/> while <paramref name="remembered"/> holds.</summary>
    /// <exception cref="InvalidOperationException">A head is a prefix of another.</exception>
    public HeadTable(Choice choice, Bindings remembered)
    {
        var heads = new List<Head>();
        Collect(choice, remembered, 1, [], heads);
        _heads = [.. heads.OrderBy(head => head.Text, StringComparer.Ordinal)];
        _massBefore = new double[_heads.Length + 1];
        for (int i = 0; i < _heads.Length; i++)
        {
            _massBefore[i + 1] = _massBefore[i] + _heads[i].Probability;
            // Everything between a text and a longer one that begins with it begins with it too, so neighbours tell.
            if (i > 0 && _heads[i].Text.StartsWith(_heads[i - 1].Text, StringComparison.Ordinal))
            {
                throw new InvalidOperationException(
                    $"One alternative begins with \"{_heads[i - 1].Text}\" and another with \"{_heads[i].Text}\", so a reader cannot tell which is meant.");
            }
        }
    }

    public int Count => _heads.Length;

    public Head this[int index] => _heads[index];

    /// <summary>The probability of the heads from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    public double Mass(int first, int end) =>
        end - first == 1 ? _heads[first].Probability : _massBefore[end] - _massBefore[first];

    /// <summary>Of the heads in a range, all with the same <paramref name="depth"/> first characters, those that go on with a character.</summary>
    public (int First, int End) Narrow(int first, int end, int depth, char next) =>
        (FirstNotBelow(first, end, depth, next), FirstNotBelow(first, end, depth, (char)(next + 1)));

    private int FirstNotBelow(int first, int end, int depth, char next)
    {
        while (first < end)
        {
            int middle = (first + end) / 2;
            if (_heads[middle].Text[depth] < next)
                first = middle + 1;
            else
                end = middle;
        }

        return first;
    }

    private static void Collect(Node node, Bindings remembered, double probability, Node[] after, List<Head> heads)
    {
        switch (node)
        {
            case Literal literal:
                heads.Add(new Head(literal.Text, probability, null, after));
                break;
            case Remember remember:
                heads.Add(new Head(remember.Text, probability, remember, after));
                break;
            case Sequence sequence:
                Collect(sequence.Parts[0], remembered, probability, [.. sequence.Parts[1..], .. after], heads);
                break;
            case Given given:
                Collect(given.Branches[remembered.ValueOf(given.Variable)], remembered, probability, after, heads);
                break;
            case Choice choice:
                for (int i = 0; i < choice.Alternatives.Length; i++)
                    Collect(choice.Alternatives[i], remembered, probability * choice.ProbabilityOf(i), after, heads);
                break;
        }
    }

    /// <param name="Text">The first characters of an alternative, up to where something else is chosen or recalled.</param>
    /// <param name="Probability">The product of all choices that lead here.</param>
    /// <param name="Remembered">What these characters leave in memory, if anything.</param>
    /// <param name="After">What is left of the alternative.</param>
    internal sealed record Head(string Text, double Probability, Remember? Remembered, Node[] After);
}
