using System.Text.Json;

namespace Inkling.Text.Subwords;

/// <summary>Writes what byte-pair models of <c>tokenizer.json</c> have in common, on bytes and on characters.</summary>
internal static class PairModelWriter
{
    /// <summary>Writes the fields before the vocabulary.</summary>
    /// <param name="writer">In the object of the model.</param>
    /// <param name="unknownToken">What stands for characters that cannot be spelled; null for nothing.</param>
    /// <param name="fallsBackToBytes">Whether they are spelled with tokens of bytes.</param>
    /// <param name="options">What is done besides merging.</param>
    public static void WriteHead(Utf8JsonWriter writer, string? unknownToken, bool fallsBackToBytes, CharacterPairOptions options)
    {
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteString("unk_token", unknownToken);
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", options.FusesUnknown);
        writer.WriteBoolean("byte_fallback", fallsBackToBytes);
        writer.WriteBoolean("ignore_merges", options.TakesWholePieces);
    }
}
