namespace Inkling.Text.Learning;

/// <summary>A tokenizer that was learned from a text, and what was seen of the text.</summary>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="ByteCount">Length of the text in bytes.</param>
/// <param name="PieceCount">How many pieces the text was split into.</param>
/// <param name="UniquePieceCount">How many of them are different.</param>
/// <param name="IsComplete">Whether the vocabulary is as large as was asked for; a short text does not give that many tokens.</param>
public sealed record TrainedTokenizer(Tokenizer Tokenizer, long ByteCount, long PieceCount, int UniquePieceCount, bool IsComplete);
