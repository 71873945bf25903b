namespace Inkling.Text;

/// <summary>Says that bytes are not UTF-8, or that a string holds half a character.</summary>
public sealed class InvalidTextException : FormatException
{
    private InvalidTextException(string message, long offset)
        : base(message) => Offset = offset;

    /// <summary>Where the first bad sequence starts: in bytes for UTF-8, in UTF-16 units for a string.</summary>
    public long Offset { get; }

    internal static InvalidTextException Utf8(byte value, long offset) =>
        new($"Byte 0x{value:X2} at offset {offset} is not valid UTF-8.", offset);

    internal static InvalidTextException Surrogate(char value, long offset) =>
        new($"Surrogate U+{(int)value:X4} at index {offset} of the string has no partner.", offset);
}
