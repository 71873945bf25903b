namespace Inkling.Text.Normalization;

/// <summary>A step that changes a text. Immutable, and safe to share between threads.</summary>
internal abstract class Normalizer : TextStage
{
    /// <summary>Appends the changed text to <paramref name="output"/>, with the places where each part comes from.</summary>
    /// <param name="input">Bytes that need not be UTF-8; what is not valid is passed on as it is.</param>
    /// <param name="output">Empty at the beginning.</param>
    /// <param name="atStart">Whether <paramref name="input"/> is the beginning of the whole text.</param>
    public abstract void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart);
}
