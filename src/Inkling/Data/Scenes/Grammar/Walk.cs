namespace Inkling.Data.Scenes.Grammar;

/// <summary>
/// Goes through everything a grammar can do, once for each place, and tells with which probability each place is
/// reached and what may be remembered there. Nothing is sampled.
/// </summary>
/// <remarks>
/// Joint states of all variables would be too many. But a place needs only the variables that it reads itself, and a mean is a sum over
/// places; so for each <see cref="Given"/> the distribution of its variable is found by going through the history of that
/// place with the few variables that bear on it. Choices never depend on what is remembered, so histories are lists of two kinds of events:
/// a rule was printed, or a variable was seen to have a value.
/// </remarks>
internal sealed class Walk
{
    private readonly Dictionary<(Node, Bindings, VariableSet), Dictionary<Bindings, double>> _outcomes = [];
    private readonly Dictionary<(Node, VariableSet), VariableSet> _needed = [];
    private readonly Action<Node, double, Func<VariableSet, Dictionary<Bindings, double>>> _visit;

    private Walk(Action<Node, double, Func<VariableSet, Dictionary<Bindings, double>>> visit) => _visit = visit;

    /// <summary>Visits every place.</summary>
    /// <param name="start">The rule that makes a whole text.</param>
    /// <param name="visit">
    /// Called with the rule at a place, the probability that a text comes by, and a function that gives the distribution of
    /// the values of some variables there.
    /// </param>
    public static void Over(Node start, Action<Node, double, Func<VariableSet, Dictionary<Bindings, double>>> visit) =>
        new Walk(visit).Visit(start, [], 1);

    private void Visit(Node node, List<Event> history, double reach)
    {
        _visit(node, reach, variables => Before(history, variables));
        switch (node)
        {
            case Sequence sequence:
                int length = history.Count;
                foreach (Node part in sequence.Parts)
                {
                    Visit(part, history, reach);
                    history.Add(new Event(part, null, 0));
                }

                history.RemoveRange(length, history.Count - length);
                break;
            case Choice choice:
                for (int i = 0; i < choice.Alternatives.Length; i++)
                    Visit(choice.Alternatives[i], history, reach * choice.ProbabilityOf(i));
                break;
            case Given given:
                foreach ((Bindings remembered, double probability) in Before(history, VariableSet.Of(given.Variable)))
                {
                    int value = remembered.ValueOf(given.Variable);
                    history.Add(new Event(null, given.Variable, value));
                    Visit(given.Branches[value], history, reach * probability);
                    history.RemoveAt(history.Count - 1);
                }

                break;
        }
    }

    /// <summary>The distribution of some variables after a history, given all that was seen in it.</summary>
    private Dictionary<Bindings, double> Before(List<Event> history, VariableSet wanted)
    {
        Dictionary<Bindings, double> masses = Follow(history, default, wanted);
        double total = masses.Values.Sum();
        return masses.ToDictionary(pair => pair.Key, pair => pair.Value / total);
    }

    private Dictionary<Bindings, double> Follow(List<Event> events, Bindings before, VariableSet wanted)
    {
        // Backwards: which variables have to be known before each event to know the wanted ones in the end.
        var needed = new VariableSet[events.Count + 1];
        needed[^1] = wanted;
        for (int i = events.Count - 1; i >= 0; i--)
            needed[i] = Needed(events[i], needed[i + 1]);

        var states = new Dictionary<Bindings, double> { [before.Only(needed[0])] = 1 };
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i].Printed is { } node && (node.MayWrite & needed[i + 1]).IsEmpty)
                continue;

            var next = new Dictionary<Bindings, double>();
            foreach ((Bindings state, double mass) in states)
            {
                if (events[i].Seen is { } variable)
                {
                    if (state.ValueOf(variable) == events[i].Value)
                        Add(next, state.Only(needed[i + 1]), mass);
                }
                else
                {
                    foreach ((Bindings written, double probability) in Outcomes(events[i].Printed!, state, needed[i + 1]))
                        Add(next, state.Then(written).Only(needed[i + 1]), mass * probability);
                }
            }

            states = next;
        }

        return states;
    }

    /// <summary>What a rule writes into some variables, and with which probability.</summary>
    private Dictionary<Bindings, double> Outcomes(Node node, Bindings before, VariableSet wanted)
    {
        wanted &= node.MayWrite;
        if (wanted.IsEmpty)
            return new Dictionary<Bindings, double> { [default] = 1 };

        // What is not needed is not passed on: outcomes are kept, and must not depend on it.
        before = before.Only(NeededToWrite(node, wanted));
        var key = (node, before, wanted);
        if (_outcomes.TryGetValue(key, out Dictionary<Bindings, double>? outcomes))
            return outcomes;

        outcomes = node switch
        {
            Remember remember => new() { [default(Bindings).With(remember.Variable, remember.Value)] = 1 },
            Given given => Outcomes(given.Branches[before.ValueOf(given.Variable)], before, wanted),
            Sequence sequence => Follow([.. sequence.Parts.Select(part => new Event(part, null, 0))], before, wanted),
            Choice choice => Mix(choice, before, wanted),
            _ => throw new InvalidOperationException($"A {node.GetType().Name} writes nothing."),
        };
        _outcomes.Add(key, outcomes);
        return outcomes;
    }

    private Dictionary<Bindings, double> Mix(Choice choice, Bindings before, VariableSet wanted)
    {
        var outcomes = new Dictionary<Bindings, double>();
        for (int i = 0; i < choice.Alternatives.Length; i++)
        {
            foreach ((Bindings written, double probability) in Outcomes(choice.Alternatives[i], before, wanted))
                Add(outcomes, written, probability * choice.ProbabilityOf(i));
        }

        return outcomes;
    }

    private VariableSet Needed(Event happened, VariableSet after) => happened.Printed is { } node
        ? (after - node.MustWrite) | NeededToWrite(node, after)
        : after | VariableSet.Of(happened.Seen!);

    /// <summary>The variables that decide what a rule writes into <paramref name="wanted"/>.</summary>
    private VariableSet NeededToWrite(Node node, VariableSet wanted)
    {
        wanted &= node.MayWrite;
        if (wanted.IsEmpty || node is Remember)
            return default;

        if (_needed.TryGetValue((node, wanted), out VariableSet needed))
            return needed;

        if (node is Sequence sequence)
            needed = NeededToWrite(sequence, wanted);
        else
            needed = node.Children.Aggregate(needed, (all, child) => all | NeededToWrite(child, wanted));
        if (node is Given given)
            needed |= VariableSet.Of(given.Variable);
        _needed.Add((node, wanted), needed);
        return needed;
    }

    private VariableSet NeededToWrite(Sequence sequence, VariableSet wanted)
    {
        VariableSet needed = default;
        for (int i = sequence.Parts.Length - 1; i >= 0; i--)
        {
            Node part = sequence.Parts[i];
            needed = (needed - part.MustWrite) | NeededToWrite(part, wanted | needed);
        }

        return needed;
    }

    private static void Add(Dictionary<Bindings, double> masses, Bindings state, double mass) =>
        masses[state] = masses.GetValueOrDefault(state) + mass;

    /// <summary>Either a rule was printed, or a variable was seen to have a value.</summary>
    private readonly record struct Event(Node? Printed, Variable? Seen, int Value);
}
