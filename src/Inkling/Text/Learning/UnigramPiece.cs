namespace Inkling.Text.Learning;

/// <summary>A piece that a unigram vocabulary may have.</summary>
/// <param name="Start">Where it lies in the words.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="IsCharacter">It is a single character, which always stays.</param>
/// <param name="Weight">How much of the text it could stand for, in characters.</param>
internal readonly record struct UnigramPiece(int Start, int Length, bool IsCharacter, long Weight);
