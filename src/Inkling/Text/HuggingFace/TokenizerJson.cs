using System.Text.Encodings.Web;
using System.Text.Json;
using Inkling.Text.Decoding;
using Inkling.Text.Normalization;
using Inkling.Text.SentencePiece;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text.HuggingFace;

/// <summary>Reads and writes Hugging Face's <c>tokenizer.json</c>.</summary>
internal static class TokenizerJson
{
    /// <summary>What messages call the file.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>One layout on every system, with letters as letters and not as escapes.</summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const int MaxByteCount = 1 << 27; // the largest in use have 33 MB
    private const int MaxDepth = 32; // those in use have at most 8

    private static readonly string[] Fields =
    [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model",
    ];

    /// <summary>Reads any tokenizer.</summary>
    /// <exception cref="TokenizerFormatException">The file is damaged, or has parts that are not supported.</exception>
    public static Tokenizer Read(Stream stream)
    {
        using JsonDocument document = JsonInput.Parse(TokenizerStream.ReadAll(stream, FileName, MaxByteCount), MaxDepth);
        return CharacterVocabularyJson.TryRead(document.RootElement) is { } characters
            ? CharacterTokenizer.Of(characters)
            : new PipelineTokenizer(ReadPipeline(new JsonPart(document.RootElement, "$")));
    }

    /// <summary>What <see cref="Write"/> writes of a pipeline that needs no translation.</summary>
    public static byte[] WriteComponents(TokenizerPipeline pipeline)
    {
        using var stream = new MemoryStream();
        WriteComponents(stream, pipeline);
        return stream.ToArray();
    }

    /// <summary>Writes a pipeline.</summary>
    /// <exception cref="NotSupportedException">The file has no way to say what it does.</exception>
    public static void Write(Stream stream, TokenizerPipeline pipeline) =>
        WriteComponents(stream, pipeline.Stages is [SentencePieceNormalizer { Rules: var rules }] ? SentencePieceJson.ToComponents(pipeline, rules) : pipeline);

    private static void WriteComponents(Stream stream, TokenizerPipeline pipeline)
    {
        using var writer = new Utf8JsonWriter(stream, WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        writer.WriteStartArray("added_tokens");
        foreach (AddedToken token in pipeline.Added.OrderBy(token => token.Id))
            WriteAdded(writer, token);

        writer.WriteEndArray();
        WriteStages(writer, "normalizer", "normalizers", [.. pipeline.Stages.Take(pipeline.NormalizerCount)]);
        WriteStages(writer, "pre_tokenizer", "pretokenizers", PreTokenizersOf(pipeline));
        WritePostProcessor(writer, pipeline);
        WriteDecoder(writer, pipeline);
        writer.WritePropertyName("model");
        pipeline.Model.Write(writer, [.. pipeline.Added.Select(token => (token.Id, token.Content)), .. pipeline.Unreachable]);
        writer.WriteEndObject();
    }

    // A null for truncation and padding, whatever the file says: both are the business of who makes batches.
    private static TokenizerPipeline ReadPipeline(JsonPart root)
    {
        root.AllowFields(Fields);
        JsonPart version = root.Field("version");
        if (version.Text() != "1.0")
            throw version.Error($"expected \"1.0\", found {Quoted.Text(version.Text())}");

        var stages = new List<TextStage>();
        if (root.Find("normalizer") is { } normalizer)
            Normalizers.Read(normalizer, stages);

        int normalizerCount = stages.Count;
        if (root.Find("pre_tokenizer") is { } preTokenizer)
            PreTokenizers.Read(preTokenizer, stages);

        int stepCount = stages.Sum(stage => stage.Steps.Count);
        if (stepCount > TokenizerPipeline.MaxStageCount)
            throw root.Error($"{stepCount} steps of normalising and splitting; {TokenizerPipeline.MaxStageCount} are the most");

        int byteLevel = stages.FindIndex(stage => stage is ByteLevelStage);
        if (byteLevel >= 0 && byteLevel != stages.Count - 1)
            throw root.Field("pre_tokenizer").Error("what follows ByteLevel would see bytes that are shown as characters, which is not supported");

        bool isByteLevel = byteLevel >= 0;
        SubwordModel model = SubwordModels.Read(root.Field("model"), root.Find("added_tokens"), isByteLevel, out VocabularyTable table);
        TokenDecoding decoding = TokenDecoding.Read(root.Find("decoder"), isByteLevel);
        var (prefix, suffix) = (new List<int>(), new List<int>());
        if (root.Find("post_processor") is { } processor)
            PostProcessors.Read(processor, table, prefix, suffix);

        var components = new TokenizerPipeline
        {
            Tokens = decoding.Apply(table),
            Stages = stages,
            NormalizerCount = normalizerCount,
            Model = model,
            Added = table.Added,
            Unreachable = table.Unreachable,
            Prefix = prefix,
            Suffix = suffix,
            LeadingSpace = decoding.StripsLeadingSpace ? LeadingSpace.FirstTokenLosesIt : LeadingSpace.Stays,
            PostProcessor = root.Find("post_processor")?.Value.Clone(),
            Decoder = root.Find("decoder")?.Value.Clone(),
        };
        return SentencePieceJson.TryFind(components) ?? components;
    }

    private static void WriteAdded(Utf8JsonWriter writer, AddedToken token)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", token.Id);
        writer.WriteString("content", token.Content);
        writer.WriteBoolean("single_word", token.IsSingleWord);
        writer.WriteBoolean("lstrip", token.StripsLeft);
        writer.WriteBoolean("rstrip", token.StripsRight);
        writer.WriteBoolean("normalized", token.IsNormalized);
        writer.WriteBoolean("special", token.IsSpecial);
        writer.WriteEndObject();
    }

    // A model of bytes needs the component that shows them as characters. GPT-2's own form has its pattern in it.
    private static List<TextStage> PreTokenizersOf(TokenizerPipeline pipeline)
    {
        List<TextStage> stages = [.. pipeline.Stages.Skip(pipeline.NormalizerCount)];
        if (pipeline.Model is not BytePairModel || stages is [.., ByteLevelStage])
            return stages;

        bool isGpt2 = stages is [.., var last] && last == SplitPattern.Gpt2;
        if (isGpt2)
            stages.RemoveAt(stages.Count - 1);

        stages.Add(ByteLevelStage.Create(splits: isGpt2));
        return stages;
    }

    private static void WriteStages(Utf8JsonWriter writer, string name, string list, List<TextStage> stages)
    {
        writer.WritePropertyName(name);
        if (stages.Count == 0)
        {
            writer.WriteNullValue();
        }
        else if (stages is [var only])
        {
            only.Write(writer);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("type", "Sequence");
            writer.WriteStartArray(list);
            foreach (TextStage stage in stages)
                stage.Write(writer);

            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static void WritePostProcessor(Utf8JsonWriter writer, TokenizerPipeline pipeline)
    {
        writer.WritePropertyName("post_processor");
        if (pipeline.PostProcessor is { } read)
            read.WriteTo(writer);
        else if (pipeline.Prefix.Count + pipeline.Suffix.Count > 0)
            PostProcessors.WriteTemplate(writer, pipeline);
        else
            writer.WriteNullValue();
    }

    private static void WriteDecoder(Utf8JsonWriter writer, TokenizerPipeline pipeline)
    {
        writer.WritePropertyName("decoder");
        if (pipeline.Decoder is { } read)
        {
            read.WriteTo(writer);
        }
        else if (pipeline.Model is BytePairModel)
        {
            ByteLevelStage.Create(splits: true).Write(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
