using Inkling.Text.Normalization;

namespace Inkling.Text.SentencePiece;

/// <summary>How a SentencePiece model changes a text before it is cut into pieces; the defaults are those of its trainer.</summary>
internal sealed record SentencePieceRules
{
    /// <summary>Characters that are replaced; null where none are.</summary>
    public CharsMap? Map { get; init; }

    /// <summary>A space is put before every text, so that its first word is like others.</summary>
    public bool AddsDummyPrefix { get; init; } = true;

    /// <summary>Spaces at both ends go, and of several in a row all but one.</summary>
    public bool RemovesExtraSpaces { get; init; } = true;

    /// <summary>A space becomes ▁ (U+2581).</summary>
    public bool EscapesSpaces { get; init; } = true;

    /// <summary>Words carry their space at the end, so the one that is added comes after the text.</summary>
    public bool TreatsSpaceAsSuffix { get; init; }

    /// <summary>Strings that are kept as they are wherever they stand; none is empty.</summary>
    public IReadOnlyList<string> UserDefined { get; init; } = [];
}
