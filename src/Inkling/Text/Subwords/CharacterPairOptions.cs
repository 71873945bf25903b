using System.Text;

namespace Inkling.Text.Subwords;

/// <summary>How a <see cref="CharacterPairModel"/> departs from plain byte-pair encoding.</summary>
internal sealed record CharacterPairOptions
{
    /// <summary>Neighbouring characters that cannot be spelled become one unknown token, and not one each.</summary>
    public bool FusesUnknown { get; init; } = true;

    /// <summary>A piece that is in the vocabulary is that token, even where its merges would lead elsewhere.</summary>
    public bool TakesWholePieces { get; init; }

    /// <summary>Characters that are no pieces but take part in merges; the first has the id after the last piece, and so on.</summary>
    public IReadOnlyList<Rune> ExtraCharacters { get; init; } = [];
}
