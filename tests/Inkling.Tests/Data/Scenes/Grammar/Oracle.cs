using Inkling.Data.Scenes.Grammar;

namespace Inkling.Tests.Data.Scenes.Grammar;

/// <summary>Adds up the probabilities of all derivations of a text, without assuming that there is only one.</summary>
internal sealed class Oracle(Node start)
{
    /// <summary>How much mass begins like <paramref name="text"/>, which may be several texts of the grammar in a row, the last cut off.</summary>
    public double Mass(string text) => Mass(null, text, default);

    private double Mass(Rest? rest, string text, Bindings remembered)
    {
        if (text.Length == 0)
            return 1;

        if (rest is null)
            return Mass(new Rest(start, null), text, default);

        return rest.Node switch
        {
            Literal literal => AfterText(literal.Text, rest.Next, text, remembered),
            Remember remember => AfterText(remember.Text, rest.Next, text, remembered.With(remember.Variable, remember.Value)),
            Given given => Mass(new Rest(given.Branches[remembered.ValueOf(given.Variable)], rest.Next), text, remembered),
            Sequence sequence => Mass(sequence.Parts.Reverse().Aggregate(rest.Next, (next, part) => new Rest(part, next)), text, remembered),
            Choice choice => Enumerable.Range(0, choice.Alternatives.Length)
                .Sum(i => choice.ProbabilityOf(i) * Mass(new Rest(choice.Alternatives[i], rest.Next), text, remembered)),
            _ => throw new InvalidOperationException(),
        };
    }

    private double AfterText(string printed, Rest? next, string text, Bindings remembered)
    {
        if (text.StartsWith(printed, StringComparison.Ordinal))
            return Mass(next, text[printed.Length..], remembered);

        return printed.StartsWith(text, StringComparison.Ordinal) ? 1 : 0;
    }

    private sealed record Rest(Node Node, Rest? Next);
}
