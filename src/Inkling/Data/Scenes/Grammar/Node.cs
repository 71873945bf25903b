namespace Inkling.Data.Scenes.Grammar;

/// <summary>
/// A rule that prints text. There are five kinds: <see cref="Literal"/>, <see cref="Sequence"/>, <see cref="Choice"/>,
/// <see cref="Remember"/> and <see cref="Given"/>. Every rule prints at least one character, so the first characters of
/// an alternative, its head, lie inside it; and no rule contains itself.
/// </summary>
internal abstract class Node
{
    /// <summary>Variables that may be read here before they are surely written here.</summary>
    public VariableSet Reads { get; protected init; }

    /// <summary>Variables that may be written here.</summary>
    public VariableSet MayWrite { get; protected init; }

    /// <summary>Variables that are written here whatever is chosen.</summary>
    public VariableSet MustWrite { get; protected init; }

    /// <summary>Variables that decide how the text of this rule may begin.</summary>
    public VariableSet HeadReads { get; protected init; }

    /// <summary>The rules directly inside this one.</summary>
    public virtual IReadOnlyList<Node> Children => [];

    protected static void RequireText(string text) => ArgumentException.ThrowIfNullOrEmpty(text);
}

/// <summary>Prints always the same.</summary>
internal sealed class Literal : Node
{
    public Literal(string text)
    {
        RequireText(text);
        Text = text;
    }

    public string Text { get; }
}

/// <summary>Prints its parts one after the other.</summary>
internal class Sequence : Node
{
    public Sequence(IReadOnlyList<Node> parts)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        Parts = [.. parts];
        HeadReads = Parts[0].HeadReads;
        foreach (Node part in Parts)
        {
            Reads |= part.Reads - MustWrite;
            MayWrite |= part.MayWrite;
            MustWrite |= part.MustWrite;
        }
    }

    public Node[] Parts { get; }

    public override IReadOnlyList<Node> Children => Parts;
}

/// <summary>A whole line of text with the newline at its end: what a grader looks for.</summary>
internal sealed class Line(Node content) : Sequence([content, new Literal("\n")]);

/// <summary>Prints one of several alternatives, with chances in proportion to integer weights.</summary>
internal sealed class Choice : Node
{
    public Choice((int Weight, Node Node)[] alternatives)
    {
        ArgumentOutOfRangeException.ThrowIfZero(alternatives.Length);
        Alternatives = [.. alternatives.Select(alternative => alternative.Node)];
        UpTo = new int[alternatives.Length];
        MustWrite = Alternatives[0].MustWrite;
        for (int i = 0; i < Alternatives.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alternatives[i].Weight);
            TotalWeight = checked(TotalWeight + alternatives[i].Weight);
            UpTo[i] = TotalWeight;
            Reads |= Alternatives[i].Reads;
            MayWrite |= Alternatives[i].MayWrite;
            MustWrite &= Alternatives[i].MustWrite;
            HeadReads |= Alternatives[i].HeadReads;
        }
    }

    public Node[] Alternatives { get; }

    public int TotalWeight { get; }

    /// <summary>For each alternative, its weight and those of all before it.</summary>
    public int[] UpTo { get; }

    public override IReadOnlyList<Node> Children => Alternatives;

    public double ProbabilityOf(int alternative) =>
        (double)(UpTo[alternative] - (alternative > 0 ? UpTo[alternative - 1] : 0)) / TotalWeight;
}

/// <summary>Prints a value of a variable, and keeps it. This is the only way for a variable to get a value.</summary>
internal sealed class Remember : Node
{
    public Remember(Variable variable, int value, string text)
    {
        RequireText(text);
        Variable = variable;
        Value = value;
        Text = text;
        MayWrite = MustWrite = VariableSet.Of(variable);
    }

    public Variable Variable { get; }

    public int Value { get; }

    public string Text { get; }
}

/// <summary>Prints what belongs to the value that a variable has: the value again, its plural, a rhyme.</summary>
internal sealed class Given : Node
{
    public Given(Variable variable, Node[] branches)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(branches.Length, variable.ValueCount);
        Variable = variable;
        Branches = branches;
        Reads = HeadReads = VariableSet.Of(variable);
        MustWrite = branches[0].MustWrite;
        foreach (Node branch in branches)
        {
            Reads |= branch.Reads;
            HeadReads |= branch.HeadReads;
            MayWrite |= branch.MayWrite;
            MustWrite &= branch.MustWrite;
        }
    }

    public Variable Variable { get; }

    /// <summary>One for each value.</summary>
    public Node[] Branches { get; }

    public override IReadOnlyList<Node> Children => Branches;
}
