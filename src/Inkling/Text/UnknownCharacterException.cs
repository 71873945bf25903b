using System.Text;

namespace Inkling.Text;

/// <summary>Says which character of a text no token spells, and where it stands.</summary>
public sealed class UnknownCharacterException : FormatException
{
    internal UnknownCharacterException(Rune character, long byteOffset, long characterIndex, int vocabularySize)
        : base($"Character {Describe(character)} at byte offset {byteOffset}, character index {characterIndex}, "
            + $"is not in the vocabulary of {vocabularySize} tokens.")
    {
        Character = character;
        ByteOffset = byteOffset;
        CharacterIndex = characterIndex;
    }

    /// <summary>The Unicode scalar value that has no id.</summary>
    public Rune Character { get; }

    /// <summary>How many bytes of UTF-8 precede it.</summary>
    public long ByteOffset { get; }

    /// <summary>How many characters (Unicode scalar values) precede it.</summary>
    public long CharacterIndex { get; }

    // Control characters, combining marks and invisible ones would garble the line, so those show their number alone.
    private static string Describe(Rune character) =>
        Rune.IsLetterOrDigit(character) || Rune.IsPunctuation(character) || Rune.IsSymbol(character) || character.Value == ' '
            ? $"'{character}' U+{character.Value:X4}"
            : $"U+{character.Value:X4}";
}
