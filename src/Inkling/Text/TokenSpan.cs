namespace Inkling.Text;

/// <summary>A token and the bytes of the original text that it stands for.</summary>
/// <param name="Id">The token.</param>
/// <param name="Start">Offset of the first byte.</param>
/// <param name="Length">How many bytes; 0 for a token that was added.</param>
public readonly record struct TokenSpan(int Id, int Start, int Length);
