namespace Inkling.Text;

/// <summary>Every step from a text to its tokens.</summary>
/// <param name="Normalized">The text after all normalisation; special tokens as they are written.</param>
/// <param name="Pieces">What it is split into, in order.</param>
public sealed record EncodingExplanation(string Normalized, IReadOnlyList<ExplainedPiece> Pieces);

/// <summary>A part of a text that is encoded by itself.</summary>
/// <param name="Text">The normalised text of the piece; bytes that are not UTF-8 show as in <c>\xF0</c>.</param>
/// <param name="Merges">The merges in the order in which they were made; empty for kinds that do not merge.</param>
/// <param name="Tokens">Its tokens.</param>
public sealed record ExplainedPiece(string Text, IReadOnlyList<MergeStep> Merges, IReadOnlyList<TokenSpan> Tokens);

/// <summary>One merge of two neighbours into a longer token.</summary>
/// <param name="Left">The text of the left one.</param>
/// <param name="Right">The text of the right one.</param>
/// <param name="Rank">The merges of lower rank were made first.</param>
public sealed record MergeStep(string Left, string Right, int Rank);
