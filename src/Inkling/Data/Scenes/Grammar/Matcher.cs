namespace Inkling.Data.Scenes.Grammar;

/// <summary>Tells whether a rule can print a text by itself, with any values for what it recalls from before.</summary>
internal static class Matcher
{
    /// <summary>Whether some derivation of <paramref name="node"/> prints exactly <paramref name="text"/>.</summary>
    public static bool Prints(Node node, string text) => Matches(new Rest(node, null), text, default);

    private static bool Matches(Rest? rest, ReadOnlySpan<char> text, Bindings remembered)
    {
        if (rest is null)
            return text.IsEmpty;

        switch (rest.Node)
        {
            case Literal literal:
                return text.StartsWith(literal.Text) && Matches(rest.Next, text[literal.Text.Length..], remembered);
            case Remember remember:
                return text.StartsWith(remember.Text)
                    && Matches(rest.Next, text[remember.Text.Length..], remembered.With(remember.Variable, remember.Value));
            case Sequence sequence:
                for (int i = sequence.Parts.Length - 1; i >= 0; i--)
                    rest = new Rest(sequence.Parts[i], i == sequence.Parts.Length - 1 ? rest.Next : rest);
                return Matches(rest, text, remembered);
            case Choice choice:
                foreach (Node alternative in choice.Alternatives)
                {
                    if (Matches(new Rest(alternative, rest.Next), text, remembered))
                        return true;
                }

                return false;
            case Given given:
                if (remembered.Has(given.Variable))
                    return Matches(new Rest(given.Branches[remembered.ValueOf(given.Variable)], rest.Next), text, remembered);

                for (int value = 0; value < given.Branches.Length; value++)
                {
                    if (Matches(new Rest(given.Branches[value], rest.Next), text, remembered.With(given.Variable, value)))
                        return true;
                }

                return false;
            default:
                return false;
        }
    }

    /// <summary>What is still to be printed.</summary>
    private sealed record Rest(Node Node, Rest? Next);
}
