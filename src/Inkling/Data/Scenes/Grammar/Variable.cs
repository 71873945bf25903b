namespace Inkling.Data.Scenes.Grammar;

/// <summary>Something a text says once and comes back to. It has no value before one is printed.</summary>
internal abstract class Variable
{
    /// <summary>How many variables a grammar may have: <see cref="Bindings"/> has a byte for each.</summary>
    public const int MaxCount = 16;

    protected Variable(int slot, int valueCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, MaxCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(valueCount, byte.MaxValue);
        Slot = slot;
        ValueCount = valueCount;
    }

    /// <summary>Which byte of the bindings; no two variables of a grammar may share one.</summary>
    public int Slot { get; }

    public int ValueCount { get; }

    /// <summary>Prints the value that is remembered, in its usual form.</summary>
    public abstract Node Recall();
}

/// <summary>A variable whose values are things of type <typeparamref name="T"/>, each of which can be printed in several forms.</summary>
internal sealed class Variable<T> : Variable
{
    private readonly T[] _values;
    private readonly Func<T, string> _form;

    /// <param name="slot">Which byte of the bindings is this variable's.</param>
    /// <param name="values">At most 255 values.</param>
    /// <param name="form">How a value is usually printed.</param>
    public Variable(int slot, T[] values, Func<T, string> form)
        : base(slot, values.Length)
    {
        _values = values;
        _form = form;
    }

    /// <summary>Prints one of the values, all equally likely, and keeps it.</summary>
    public Node Remember() => Remember(_form);

    /// <summary>Prints one of the values in another form than the usual one, and keeps it.</summary>
    public Node Remember(Func<T, string> form) => Remember(form, _ => true);

    /// <summary>Prints one of some of the values, and keeps it.</summary>
    public Node Remember(Func<T, string> form, Func<T, bool> among) =>
        new Choice([.. Enumerable.Range(0, _values.Length)
            .Where(value => among(_values[value]))
            .Select(value => (1, (Node)new Remember(this, value, form(_values[value]))))]);

    /// <inheritdoc/>
    public override Node Recall() => Recall(_form);

    /// <summary>Prints the value that is remembered in another form than the usual one.</summary>
    public Node Recall(Func<T, string> form) => Given(value => form(value));

    /// <summary>Goes on in a way that depends on the value that is remembered.</summary>
    public Node Given(Func<T, Phrase> branch) => new Given(this, [.. _values.Select(value => branch(value).Node)]);
}
