namespace Inkling.Text.Learning;

/// <summary>How far the training of a tokenizer has come.</summary>
/// <param name="BytesRead">Bytes of the text that were read so far.</param>
/// <param name="TokenCount">Tokens that the vocabulary has by now; those that it shall have at the end are in the options.</param>
public readonly record struct TokenizerTrainingProgress(long BytesRead, int TokenCount);
