namespace Inkling.Text;

/// <summary>Thrown by a model that has no token for a character; the tokenizer, which knows the whole text, says where and which.</summary>
/// <param name="offset">Offset of its first byte in the piece.</param>
internal sealed class UnspellableException(int offset) : Exception
{
    /// <summary>Offset of its first byte in the piece.</summary>
    public int Offset { get; } = offset;
}
