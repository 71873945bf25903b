namespace Inkling.Text.Splitting;

/// <summary>What split patterns tell apart. The classes of one character do not overlap.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither of the others, such as punctuation; also a byte that is not UTF-8.</summary>
    Other,

    /// <summary>A letter, <c>\p{L}</c>.</summary>
    Letter,

    /// <summary>A number, <c>\p{N}</c>.</summary>
    Number,

    /// <summary>White space, <c>\s</c>, but no line end.</summary>
    Space,

    /// <summary>Carriage return or line feed.</summary>
    LineEnd,
}
