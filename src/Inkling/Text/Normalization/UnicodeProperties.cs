namespace Inkling.Text.Normalization;

/// <summary>One character's row of <see cref="UnicodeTable"/>.</summary>
internal struct UnicodeProperties
{
    /// <summary>What normalisers have to know.</summary>
    public UnicodeTraits Traits;

    /// <summary>Canonical combining class; 0 for what begins a row of combining marks.</summary>
    public byte Class;

    /// <summary>Where in the table's pool its canonical decomposition lies, and how long it is; 0 where it has none.</summary>
    public ushort Canonical;
    public byte CanonicalCount;

    /// <summary>The same of its compatibility decomposition.</summary>
    public ushort Compatible;
    public byte CompatibleCount;

    /// <summary>What to add to get the small letter.</summary>
    public int ToSmall;
}
