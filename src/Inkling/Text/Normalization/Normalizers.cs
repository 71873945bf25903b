using System.Text;
using Inkling.Text.HuggingFace;
using Inkling.Text.Splitting;

namespace Inkling.Text.Normalization;

/// <summary>Reads the <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
internal static class Normalizers
{
    private const string Known =
        "Sequence, Prepend, Replace, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, BertNormalizer, Precompiled, Nmt";

    /// <summary>Appends the stages of a normaliser; sequences are opened, which may lie as deep as the file's depth allows.</summary>
    /// <exception cref="TokenizerFormatException">It is none, or one that is not supported.</exception>
    public static void Read(JsonPart part, List<TextStage> stages)
    {
        if (part.Type == "Sequence")
        {
            part.AllowFields("type", "normalizers");
            foreach (JsonPart item in part.Field("normalizers").Items())
                Read(item, stages);

            return;
        }

        stages.Add(part.Type switch
        {
            "NFC" => Unicode(part, NormalizationForm.FormC),
            "NFD" => Unicode(part, NormalizationForm.FormD),
            "NFKC" => Unicode(part, NormalizationForm.FormKC),
            "NFKD" => Unicode(part, NormalizationForm.FormKD),
            "Lowercase" => Plain(part, new LowercaseNormalizer()),
            "StripAccents" => Plain(part, new StripAccentsNormalizer()),
            "Precompiled" => Precompiled(part),
            "Nmt" => Plain(part, new NmtNormalizer()),
            "Prepend" => Prepend(part),
            "Replace" => Replace(part),
            "Strip" => Strip(part),
            "BertNormalizer" => Bert(part),
            _ => throw part.Unknown("normalizer", Known),
        });
    }

    /// <summary>Reads a <c>Replace</c>, which decoders have too.</summary>
    public static Normalizer Replace(JsonPart part)
    {
        part.AllowFields("type", "pattern", "content");
        JsonPart content = part.Field("content");
        int length = Encoding.UTF8.GetByteCount(content.Text());
        if (length > ReplaceNormalizer.MaxByteCount)
            throw content.Error($"a replacement of {length} bytes; {ReplaceNormalizer.MaxByteCount} are the most");

        if (part.Field("pattern").Find("String") is { } literal && literal.Text().Length > 0)
        {
            length = Encoding.UTF8.GetByteCount(literal.Text());
            if (length > ReplaceNormalizer.MaxByteCount)
                throw literal.Error($"a pattern of {length} bytes; {ReplaceNormalizer.MaxByteCount} are the most");

            part.Field("pattern").AllowFields("String");
            return new ReplaceNormalizer(literal.Text(), content.Text());
        }

        return new PatternReplaceNormalizer(TextPattern.Read(part.Field("pattern")), content.Text());
    }

    private static Normalizer Plain(JsonPart part, Normalizer normalizer)
    {
        part.AllowFields("type");
        return normalizer;
    }

    private static Normalizer Unicode(JsonPart part, NormalizationForm form) => Plain(part, new UnicodeNormalizer(form));

    private static PrependNormalizer Prepend(JsonPart part)
    {
        part.AllowFields("type", "prepend");
        JsonPart prefix = part.Field("prepend");
        return prefix.Text().Length <= ReplaceNormalizer.MaxByteCount
            ? new PrependNormalizer(prefix.Text())
            : throw prefix.Error($"a prefix of {prefix.Text().Length} characters; {ReplaceNormalizer.MaxByteCount} are the most");
    }

    private static PrecompiledNormalizer Precompiled(JsonPart part)
    {
        part.AllowFields("type", "precompiled_charsmap");
        JsonPart map = part.Field("precompiled_charsmap");
        if (map.Text() is var _ && !map.Value.TryGetBytesFromBase64(out byte[]? bytes))
            throw map.Error("expected base64");

        return CharsMap.TryRead(bytes, out string problem, out int at) is { } read
            ? new PrecompiledNormalizer(read)
            : throw map.Error($"byte {at}: {problem}");
    }

    private static StripNormalizer Strip(JsonPart part)
    {
        part.AllowFields("type", "strip_left", "strip_right");
        return new StripNormalizer { Left = part.Field("strip_left").Flag(), Right = part.Field("strip_right").Flag() };
    }

    private static BertNormalizer Bert(JsonPart part)
    {
        part.AllowFields("type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase");
        return new BertNormalizer
        {
            CleansText = part.Flag("clean_text", absent: true),
            SeparatesChinese = part.Flag("handle_chinese_chars", absent: true),
            StripsAccents = part.Find("strip_accents")?.Flag(),
            Lowercases = part.Flag("lowercase", absent: true),
        };
    }
}
