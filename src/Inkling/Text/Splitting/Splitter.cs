namespace Inkling.Text.Splitting;

/// <summary>A step that splits a text into pieces that are encoded one by one. Immutable, and safe to share between threads.</summary>
internal abstract class Splitter : TextStage
{
    /// <summary>Finds the next piece.</summary>
    /// <param name="text">Bytes that need not be UTF-8; a byte that is not valid counts as a character of no class.</param>
    /// <param name="start">Where to go on; moved forward over what belongs to no piece, up to the length where no piece is left.</param>
    /// <returns>The end of the piece: more than <paramref name="start"/> unless that is the length.</returns>
    public abstract int Next(ReadOnlySpan<byte> text, ref int start);

    /// <summary>The first place from <paramref name="from"/> on where a piece begins for certain, whatever stands around; the length where none is known.</summary>
    public virtual int FindCut(ReadOnlySpan<byte> text, int from) => text.Length;
}
