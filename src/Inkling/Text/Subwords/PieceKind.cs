namespace Inkling.Text.Subwords;

/// <summary>What a piece of a vocabulary is for.</summary>
internal enum PieceKind
{
    /// <summary>No piece: a gap among the ids.</summary>
    Absent,

    /// <summary>Text.</summary>
    Normal,

    /// <summary>Stands for what the vocabulary cannot spell.</summary>
    Unknown,

    /// <summary>Steers the model; no text ever gives it.</summary>
    Control,

    /// <summary>Text that is always taken as a whole.</summary>
    UserDefined,

    /// <summary>Takes part in merges, but is taken apart again.</summary>
    Unused,

    /// <summary>One byte of a character that the vocabulary cannot spell, written <c>&lt;0x41&gt;</c>.</summary>
    Byte,
}
