namespace Inkling.Text.Learning;

/// <summary>What kinds of characters a piece of a unigram vocabulary never mixes; a space may stand before any of them.</summary>
internal enum CharacterKind : byte
{
    /// <summary>No part of any piece: bytes that are not UTF-8, and ▁, which could not be told from a space. The space is none of the kinds below either.</summary>
    None,

    /// <summary>Letters and marks, which belong to the letters that they stand on.</summary>
    Letter,

    /// <summary>Digits and other numbers.</summary>
    Number,

    /// <summary>Line feeds and carriage returns.</summary>
    LineEnd,

    /// <summary>Everything else.</summary>
    Other,
}
