using System.Text;
using System.Text.Json;
using Inkling.Text.HuggingFace;

namespace Inkling.Text.Decoding;

/// <summary>Puts a space before what begins a word, and takes the mark from what does not (<c>WordPiece</c>).</summary>
/// <param name="prefix">The mark.</param>
/// <param name="cleans">Takes the space before punctuation and English contractions away.</param>
internal sealed class WordPieceStep(string prefix, bool cleans) : DecodingStep
{
    // The order matters: each works on what those before it have left.
    private static readonly (string Old, string New)[] Cleanings =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"),
        (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>The <c>decoder</c> of a file that is this step.</summary>
    public static JsonElement Describe(string prefix, bool cleans) => JsonPart.Make(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "WordPiece");
        writer.WriteString("prefix", prefix);
        writer.WriteBoolean("cleanup", cleans);
        writer.WriteEndObject();
    });

    /// <inheritdoc/>
    public override byte[] Apply(byte[] token)
    {
        string text = Encoding.UTF8.GetString(token);
        text = prefix.Length > 0 && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : $" {text}";
        if (cleans)
        {
            foreach ((string old, string replacement) in Cleanings)
                text = text.Replace(old, replacement, StringComparison.Ordinal);
        }

        return Encoding.UTF8.GetBytes(text);
    }
}
