using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Splitting;

/// <summary>Splits at what a pattern matches (<c>Split</c>).</summary>
/// <param name="pattern">What is looked for.</param>
/// <param name="behavior">What becomes of a match.</param>
/// <param name="inverts">The pattern says what is kept rather than what separates.</param>
internal sealed class PatternSplitter(TextPattern pattern, SplitBehavior behavior, bool inverts) : BatchSplitter
{
    /// <summary>Reads a <c>Split</c>; where a hand-written scanner gives the same pieces, that is returned.</summary>
    public static TextStage Read(JsonPart part)
    {
        part.AllowFields("type", "pattern", "behavior", "invert");
        TextPattern pattern = TextPattern.Read(part.Field("pattern"));
        SplitBehavior behavior = PieceAssembly.Read(part.Field("behavior"));
        bool inverts = part.Flag("invert", absent: false);
        return pattern is TextPattern.ScannedPattern known && behavior == SplitBehavior.Isolated && !inverts
            ? known.Scanner
            : new PatternSplitter(pattern, behavior, inverts);
    }

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> text, List<ByteRange> pieces)
    {
        pattern.FindMatches(text, pieces);
        PieceAssembly.Assemble(text.Length, pieces, behavior, inverts);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        pattern.Write(writer);
        writer.WriteString("behavior", behavior.ToString());
        writer.WriteBoolean("invert", inverts);
        writer.WriteEndObject();
    }
}
