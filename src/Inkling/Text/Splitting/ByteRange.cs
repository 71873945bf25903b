namespace Inkling.Text.Splitting;

/// <summary>A part of a text, in bytes.</summary>
/// <param name="Start">Offset of the first byte.</param>
/// <param name="End">Offset behind the last one.</param>
internal readonly record struct ByteRange(int Start, int End)
{
    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => Start == End;
}
