using System.Text;
using Inkling.Text.HuggingFace;

namespace Inkling.Text;

/// <summary>
/// Gives every character (Unicode scalar value) of a text an id of its own, in the order of the code points:
/// trained on <c>Hello</c> it knows H e l o and encodes <c>Hello</c> as 0 1 2 2 3.
/// </summary>
public sealed class CharacterTokenizer : Tokenizer
{
    private const int Absent = -1;

    private readonly Rune[] _characters;

    // Indexed by code point, and only as long as the largest one needs: one load per character, no hashing.
    private readonly int[] _ids;

    private CharacterTokenizer(Rune[] characters)
        : base(Array.ConvertAll(characters, character => Encoding.UTF8.GetBytes(character.ToString())))
    {
        _characters = characters;
        _ids = new int[characters.Max(character => character.Value) + 1];
        Array.Fill(_ids, Absent);
        for (int id = 0; id < characters.Length; id++)
            _ids[characters[id].Value] = id;
    }

    /// <inheritdoc/>
    public override string Kind => "characters";

    /// <summary>Collects the characters of a UTF-8 text. A byte-order mark is a character like others.</summary>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    /// <exception cref="InvalidTextException">The text is not UTF-8.</exception>
    public static CharacterTokenizer Train(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            throw new ArgumentException("A vocabulary needs at least one character, but the text is empty.", nameof(utf8));

        var seen = new bool[0x110000]; // one flag for each code point of Unicode
        for (int offset = 0; offset < utf8.Length;)
        {
            int codePoint = CodePointAt(utf8, offset, out int length);
            seen[codePoint] = true;
            offset += length;
        }

        IEnumerable<int> sorted = Enumerable.Range(0, seen.Length).Where(codePoint => seen[codePoint]);
        return new CharacterTokenizer([.. sorted.Select(codePoint => new Rune(codePoint))]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; anything that would encode differently elsewhere is refused.</summary>
    /// <param name="stream">A <c>tokenizer.json</c>, read to its end and left open.</param>
    /// <exception cref="TokenizerFormatException">The file is not such a vocabulary; the message says what and where.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static CharacterTokenizer Load(Stream stream) => new(CharacterVocabularyJson.Read(stream));

    /// <summary>Makes the tokenizer whose ids are the places of these characters, none of them twice.</summary>
    internal static CharacterTokenizer Of(Rune[] characters) => new(characters);

    /// <inheritdoc/>
    public override void Save(Stream stream) => CharacterVocabularyJson.Write(stream, _characters);

    private protected override void Encode(ReadOnlySpan<byte> utf8, SpecialTokenUse special, EncodingSession session)
    {
        session.BeginPiece(utf8, default);
        for (int offset = 0, i = 0; offset < utf8.Length; i++)
        {
            int start = offset;
            int id = IdAt(utf8, ref offset, i);
            session.Add(id, offset - start);
        }
    }

    private protected override int FindCut(ReadOnlySpan<byte> utf8, int from)
    {
        while (from < utf8.Length && (utf8[from] & 0xC0) == 0x80)
            from++;

        return from;
    }

    private int IdAt(ReadOnlySpan<byte> utf8, ref int offset, int index)
    {
        int codePoint = CodePointAt(utf8, offset, out int length);
        int[] ids = _ids;
        int id = codePoint < ids.Length ? ids[codePoint] : Absent;
        if (id == Absent)
            throw new UnknownCharacterException(new Rune(codePoint), offset, index, VocabularySize);

        offset += length;
        return id;
    }

    private static int CodePointAt(ReadOnlySpan<byte> utf8, int offset, out int length)
    {
        length = 1;
        int first = utf8[offset];
        return first < 0x80 ? first : Utf8Text.CharacterAt(utf8, offset, out length).Value;
    }
}
