using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Inkling.Text.Normalization;

/// <summary>
/// Brings a text into one of the four normal forms of Unicode (UAX #15). Bytes that are not UTF-8 stay, and nothing is composed or sorted across them.
/// </summary>
internal sealed class UnicodeNormalizer : Normalizer
{
    private readonly UnicodeTable _table = UnicodeTable.Instance;
    private readonly bool _compatible;
    private readonly bool _composes;

    // What a character has that must be looked at closely; and what it has where it depends on the characters before it.
    private readonly UnicodeTraits _changes;
    private readonly UnicodeTraits _continues;

    /// <summary>Takes the form.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such form.</exception>
    public UnicodeNormalizer(NormalizationForm form)
    {
        Form = form;
        _changes = form switch
        {
            NormalizationForm.FormC => UnicodeTraits.MayChangeInC,
            NormalizationForm.FormD => UnicodeTraits.ChangesInD,
            NormalizationForm.FormKC => UnicodeTraits.MayChangeInKC,
            NormalizationForm.FormKD => UnicodeTraits.ChangesInKD,
            _ => throw new ArgumentOutOfRangeException(nameof(form), form, "Use FormC, FormD, FormKC or FormKD."),
        };
        _compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        _composes = form is NormalizationForm.FormC or NormalizationForm.FormKC;
        _continues = _compatible ? UnicodeTraits.ContinuesInK : UnicodeTraits.Continues;
    }

    /// <summary>Which form.</summary>
    public NormalizationForm Form { get; }

    // Copies what is normal already, which is found by looking at each character alone (UAX #15, section 9). Where something is not, the part from the
    // last character that nothing before it can change, to the next one, is decomposed, sorted and composed.
    public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
    {
        int copied = 0, boundary = 0, lastClass = 0;
        for (int at = 0; at < input.Length;)
        {
            if (input[at] < 0x80)
            {
                int count = input[at..].IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
                at = count < 0 ? input.Length : at + count;
                (boundary, lastClass) = (at - 1, 0);
                continue;
            }

            if (Rune.DecodeFromUtf8(input[at..], out Rune character, out int length) != OperationStatus.Done)
            {
                at += length;
                (boundary, lastClass) = (at, 0);
                continue;
            }

            ref readonly UnicodeProperties properties = ref _table[character.Value];
            if (IsStable(character.Value, properties))
            {
                (boundary, lastClass) = (at, 0);
                at += length;
            }
            else if ((properties.Traits & _changes) == 0 && properties.Class != 0 && properties.Class >= lastClass)
            {
                lastClass = properties.Class;
                at += length;
            }
            else
            {
                output.Copy(input[copied..boundary], copied);
                at = NormalizePart(input, boundary, output);
                (copied, boundary, lastClass) = (at, at, 0);
            }
        }

        output.Copy(input[copied..], copied);
    }

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", Form switch
        {
            NormalizationForm.FormC => "NFC",
            NormalizationForm.FormD => "NFD",
            NormalizationForm.FormKC => "NFKC",
            _ => "NFKD",
        });
        writer.WriteEndObject();
    }

    // Whether it stays, and nothing before it is changed by it.
    private bool IsStable(int codePoint, in UnicodeProperties properties) =>
        properties.Class == 0 && (properties.Traits & _changes) == 0 && (_composes || !Hangul.IsSyllable(codePoint));

    // Gives the place of the next stable character, or of the next byte that is not UTF-8, or the end.
    private int NormalizePart(ReadOnlySpan<byte> input, int start, NormalizedText output)
    {
        var run = new CharacterRun(_table, _compatible, output.Tracks, stackalloc int[3 * CharacterRun.UsualLength]);
        int at = start;
        while (at < input.Length && Rune.DecodeFromUtf8(input[at..], out Rune character, out int length) == OperationStatus.Done)
        {
            ref readonly UnicodeProperties properties = ref _table[character.Value];
            if (at > start && IsStable(character.Value, properties))
                break;

            if ((properties.Traits & _continues) == 0)
                Flush(ref run, output);

            run.Add(character.Value, properties, at, at + length);
            at += length;
        }

        Flush(ref run, output);
        run.Dispose();
        return at;
    }

    private void Flush(ref CharacterRun run, NormalizedText output)
    {
        run.Sort();
        if (_composes)
            run.Compose();

        run.Straighten();
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < run.Count; i++)
        {
            int length = run.Get(i, out int start, out int end).EncodeToUtf8(utf8);
            output.Append(utf8[..length], start, end);
        }

        run.Clear();
    }
}
