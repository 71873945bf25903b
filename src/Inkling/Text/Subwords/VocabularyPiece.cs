namespace Inkling.Text.Subwords;

/// <summary>An entry of a vocabulary of text pieces.</summary>
/// <param name="Text">What it spells, with ▁ for a space; for kinds that spell nothing, its name.</param>
/// <param name="Score">Unigram: the logarithm of its probability. Finite.</param>
/// <param name="Kind">What it is for.</param>
internal readonly record struct VocabularyPiece(string Text, float Score, PieceKind Kind)
{
    /// <summary>Whether text can be spelled with it.</summary>
    public bool IsText => Kind is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused;
}
