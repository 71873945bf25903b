namespace Inkling.Data.Scenes.Grammar;

/// <summary>What is remembered: for each variable the number of its value plus one in a byte, or zero for nothing yet.</summary>
internal readonly record struct Bindings(UInt128 Bits)
{
    public bool Has(Variable variable) => Byte(variable) != 0;

    public int ValueOf(Variable variable) => Byte(variable) - 1;

    public Bindings With(Variable variable, int value) =>
        new((Bits & ~VariableSet.Of(variable).Mask) | ((UInt128)(value + 1) << (8 * variable.Slot)));

    public Bindings Only(VariableSet variables) => new(Bits & variables.Mask);

    /// <summary>These, with those of <paramref name="later"/> in their place where it has any.</summary>
    public Bindings Then(Bindings later)
    {
        UInt128 bits = Bits;
        for (int shift = 0; shift < 8 * Variable.MaxCount; shift += 8)
        {
            UInt128 mask = (UInt128)byte.MaxValue << shift;
            if ((later.Bits & mask) != UInt128.Zero)
                bits = (bits & ~mask) | (later.Bits & mask);
        }

        return new Bindings(bits);
    }

    private byte Byte(Variable variable) => (byte)(Bits >> (8 * variable.Slot));
}
