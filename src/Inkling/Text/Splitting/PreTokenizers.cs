using Inkling.Text.HuggingFace;

namespace Inkling.Text.Splitting;

/// <summary>Reads the <c>pre_tokenizer</c> of a <c>tokenizer.json</c>.</summary>
internal static class PreTokenizers
{
    private const string Known =
        "Sequence, ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, BertPreTokenizer";

    /// <summary>Appends the stages of a pre-tokenizer; sequences are opened, which may lie as deep as the file's depth allows.</summary>
    /// <exception cref="TokenizerFormatException">It is none, or one that is not supported.</exception>
    public static void Read(JsonPart part, List<TextStage> stages)
    {
        if (part.Type == "Sequence")
        {
            part.AllowFields("type", "pretokenizers");
            foreach (JsonPart item in part.Field("pretokenizers").Items())
                Read(item, stages);

            return;
        }

        stages.Add(part.Type switch
        {
            "ByteLevel" => ByteLevelStage.Read(part),
            "Metaspace" => MetaspaceStage.Read(part),
            "Split" => PatternSplitter.Read(part),
            "Digits" => DigitSplitter.Read(part),
            "Punctuation" => PunctuationSplitter.Read(part),
            "Whitespace" or "WhitespaceSplit" or "BertPreTokenizer" => WordSplitter.Read(part),
            _ => throw part.Unknown("pre-tokenizer", Known),
        });
    }
}
