using System.Text.Json;
using Inkling.Text.HuggingFace;
using Inkling.Text.Normalization;

namespace Inkling.Text.Splitting;

/// <summary>
/// The first half of GPT-2's way (<c>ByteLevel</c>): perhaps a space before the text, perhaps its pattern. That bytes are shown as characters then is a matter
/// of the file alone: our models take bytes.
/// </summary>
internal sealed class ByteLevelStage : TextStage
{
    private readonly bool _addsSpace;
    private readonly bool _trimsOffsets;
    private readonly bool _splits;

    private ByteLevelStage(bool addsSpace, bool trimsOffsets, bool splits)
    {
        (_addsSpace, _trimsOffsets, _splits) = (addsSpace, trimsOffsets, splits);
        var steps = new List<TextStage>();
        if (addsSpace)
            steps.Add(new LeadingSpaceNormalizer());

        if (splits)
            steps.Add(SplitPattern.Gpt2);

        Steps = steps;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TextStage> Steps { get; }

    /// <summary>What a pipeline needs in a file that has bytes for characters: no space, and GPT-2's pattern or nothing.</summary>
    public static ByteLevelStage Create(bool splits) => new(addsSpace: false, trimsOffsets: true, splits);

    /// <summary>Reads a <c>ByteLevel</c>.</summary>
    public static ByteLevelStage Read(JsonPart part)
    {
        part.AllowFields("type", "add_prefix_space", "trim_offsets", "use_regex");
        return new ByteLevelStage(part.Flag("add_prefix_space", absent: true), part.Flag("trim_offsets", absent: true), part.Flag("use_regex", absent: true));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", _addsSpace);
        writer.WriteBoolean("trim_offsets", _trimsOffsets);
        writer.WriteBoolean("use_regex", _splits);
        writer.WriteEndObject();
    }

    // Has no form of its own in a file: it is written with the stage that it belongs to.
    private sealed class LeadingSpaceNormalizer : Normalizer
    {
        public override void Normalize(ReadOnlySpan<byte> input, NormalizedText output, bool atStart)
        {
            if (input is [not (byte)' ', ..])
                output.Append(" "u8, 0, 0);

            output.Copy(input, 0);
        }

        public override void Write(Utf8JsonWriter writer) => throw new NotSupportedException();
    }
}
