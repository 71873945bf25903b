namespace Inkling.Text.Learning;

/// <summary>How far the training of a tokenizer has come.</summary>
/// <param name="Phase">What it is at; phases come in the order of their numbers.</param>
/// <param name="BytesRead">Bytes of the text that were read so far.</param>
/// <param name="TokenCount">
/// Tokens that there are by now: none while the text is read; growing while pairs are merged or strings are looked for; from there shrinking while they are chosen.
/// </param>
/// <param name="Fraction">How much of the phase is done, about, from 0 to 1; 0 while the text is read, whose length is not known.</param>
public readonly record struct TokenizerTrainingProgress(TokenizerTrainingPhase Phase, long BytesRead, int TokenCount, double Fraction);
