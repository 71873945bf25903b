namespace Inkling.Text.Splitting;

/// <summary>A step that splits a text as a whole, where a piece depends on more than what it begins with. Immutable, and safe to share.</summary>
internal abstract class BatchSplitter : TextStage
{
    /// <summary>Finds all pieces.</summary>
    /// <param name="text">Not empty; bytes that need not be UTF-8.</param>
    /// <param name="pieces">Takes them in order; empty at the beginning. None of them is empty, and no two overlap.</param>
    public abstract void Split(ReadOnlySpan<byte> text, List<ByteRange> pieces);
}
