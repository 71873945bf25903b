namespace Inkling.Data.Scenes.Grammar;

/// <summary>Some of the variables of a grammar: all bits of a variable's byte in <see cref="Bindings"/> are set.</summary>
internal readonly record struct VariableSet(UInt128 Mask)
{
    public bool IsEmpty => Mask == UInt128.Zero;

    public static VariableSet Of(Variable variable) => new((UInt128)byte.MaxValue << (8 * variable.Slot));

    public static VariableSet operator |(VariableSet a, VariableSet b) => new(a.Mask | b.Mask);

    public static VariableSet operator &(VariableSet a, VariableSet b) => new(a.Mask & b.Mask);

    public static VariableSet operator -(VariableSet a, VariableSet b) => new(a.Mask & ~b.Mask);
}
