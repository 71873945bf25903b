using System.Text;
using System.Text.Json;
using Inkling.Text.HuggingFace;
using Inkling.Text.Normalization;

namespace Inkling.Text.Splitting;

/// <summary>Spaces become a visible character, one is put before the text, and each begins a piece (<c>Metaspace</c>).</summary>
internal sealed class MetaspaceStage : TextStage
{
    private readonly Rune _replacement;
    private readonly Prepending _prepending;
    private readonly bool _splits;

    private MetaspaceStage(Rune replacement, Prepending prepending, bool splits)
    {
        (_replacement, _prepending, _splits) = (replacement, prepending, splits);
        byte[] bytes = Encoding.UTF8.GetBytes(replacement.ToString());
        TextStage normalizer = new SpaceNormalizer(bytes, prepending);
        Steps = splits ? [normalizer, new SpaceSplitter(bytes)] : [normalizer];
    }

    /// <summary>Before what the character is put.</summary>
    internal enum Prepending
    {
        /// <summary>The beginning of the text.</summary>
        First,

        /// <summary>Nothing.</summary>
        Never,

        /// <summary>Whatever an added token or another splitter has left.</summary>
        Always,
    }

    /// <summary>Before what the character is put.</summary>
    public Prepending Prepends => _prepending;

    /// <inheritdoc/>
    public override IReadOnlyList<TextStage> Steps { get; }

    /// <summary>SentencePiece's: ▁ for spaces, of which one may come before each text, and pieces that may span words.</summary>
    public static MetaspaceStage Create(bool prepends) => new(new Rune(0x2581), prepends ? Prepending.Always : Prepending.Never, splits: false);

    /// <summary>Reads a <c>Metaspace</c>.</summary>
    public static MetaspaceStage Read(JsonPart part)
    {
        part.AllowFields("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep");
        return new MetaspaceStage(part.Field("replacement").Character(), ReadPrepending(part), part.Flag("split", absent: true));
    }

    /// <summary>Before what the character is put; older files say only whether.</summary>
    public static Prepending ReadPrepending(JsonPart part)
    {
        bool? adds = part.Find("add_prefix_space")?.Flag();
        if (part.Find("prepend_scheme") is not { } scheme)
            return adds == false ? Prepending.Never : Prepending.Always;

        Prepending prepending = scheme.Text() switch
        {
            "first" => Prepending.First,
            "never" => Prepending.Never,
            "always" => Prepending.Always,
            var other => throw scheme.Error($"expected \"first\", \"never\" or \"always\", found {Quoted.Text(other)}"),
        };
        return adds == false && prepending != Prepending.Never ? throw part.Error("add_prefix_space and prepend_scheme contradict each other") : prepending;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Metaspace");
        writer.WriteString("replacement", _replacement.ToString());
        writer.WriteString("prepend_scheme", _prepending.ToString().ToLowerInvariant());
        writer.WriteBoolean("split", _splits);
        writer.WriteEndObject();
    }

    private sealed class SpaceNormalizer(byte[] replacement, Prepending prepending) : Normalizer
    {
        public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
        {
            bool isSpaced = input.StartsWith(" "u8) || input.StartsWith(replacement);
            if (!input.IsEmpty && !isSpaced && (prepending == Prepending.Always || (prepending == Prepending.First && atStart)))
                output.Append(replacement, 0, 0);

            for (int at = 0; at < input.Length;)
            {
                int count = input[at..].IndexOf((byte)' ');
                int end = count < 0 ? input.Length : at + count;
                output.Copy(input[at..end], at);
                if (count >= 0)
                    output.Append(replacement, end, ++end);

                at = end;
            }
        }

        public override void Write(Utf8JsonWriter writer) => throw new NotSupportedException();
    }

    private sealed class SpaceSplitter(byte[] replacement) : Splitter
    {
        public override int Next(ReadOnlySpan<byte> text, ref int start)
        {
            int begin = text[start..].StartsWith(replacement) ? start + replacement.Length : start;
            int count = text[begin..].IndexOf(replacement);
            return count < 0 ? text.Length : begin + count;
        }

        public override void Write(Utf8JsonWriter writer) => throw new NotSupportedException();
    }
}
