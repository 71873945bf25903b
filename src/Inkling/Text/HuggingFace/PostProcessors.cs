using System.Text;
using System.Text.Json;

namespace Inkling.Text.HuggingFace;

/// <summary>Reads the <c>post_processor</c> of a <c>tokenizer.json</c>, as far as it concerns one text, and makes one.</summary>
internal static class PostProcessors
{
    private const string Known = "Sequence, TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel";
    private const int MaxTokenCount = 1024;

    /// <summary>Adds the ids that a post-processor puts around what those before it have made.</summary>
    /// <param name="part">The object.</param>
    /// <param name="table">The vocabulary.</param>
    /// <param name="prefix">The ids before a text.</param>
    /// <param name="suffix">The ids after it.</param>
    /// <exception cref="TokenizerFormatException">It is none, or one that is not supported.</exception>
    public static void Read(JsonPart part, VocabularyTable table, List<int> prefix, List<int> suffix)
    {
        switch (part.Type)
        {
            case "Sequence":
                part.AllowFields("type", "processors");
                foreach (JsonPart item in part.Field("processors").Items())
                    Read(item, table, prefix, suffix);

                break;
            case "ByteLevel": // changes offsets alone
                part.AllowFields("type", "add_prefix_space", "trim_offsets", "use_regex");
                break;
            case "BertProcessing" or "RobertaProcessing":
                part.AllowFields("type", "sep", "cls", "trim_offsets", "add_prefix_space");
                prefix.Insert(0, ReadPair(part.Field("cls"), table));
                suffix.Add(ReadPair(part.Field("sep"), table));
                break;
            case "TemplateProcessing":
                ReadTemplate(part, table, prefix, suffix);
                break;
            default:
                throw part.Unknown("post-processor", Known);
        }

        if (prefix.Count + suffix.Count > MaxTokenCount)
            throw part.Error($"more than {MaxTokenCount} tokens around a text");
    }

    /// <summary>Writes the template that puts ids around a text.</summary>
    public static void WriteTemplate(Utf8JsonWriter writer, TokenizerPipeline pipeline)
    {
        string[] prefix = [.. pipeline.Prefix.Select(id => NameOf(id, pipeline))], suffix = [.. pipeline.Suffix.Select(id => NameOf(id, pipeline))];
        writer.WriteStartObject();
        writer.WriteString("type", "TemplateProcessing");
        writer.WriteStartArray("single");
        WriteText(writer, prefix, suffix, "A", typeId: 0);
        writer.WriteEndArray();
        writer.WriteStartArray("pair");
        WriteText(writer, prefix, suffix, "A", typeId: 0);
        WriteText(writer, prefix, suffix, "B", typeId: 1);
        writer.WriteEndArray();
        writer.WriteStartObject("special_tokens");
        foreach (int id in pipeline.Prefix.Concat(pipeline.Suffix).Distinct())
        {
            writer.WriteStartObject(NameOf(id, pipeline));
            writer.WriteString("id", NameOf(id, pipeline));
            writer.WriteStartArray("ids");
            writer.WriteNumberValue(id);
            writer.WriteEndArray();
            writer.WriteStartArray("tokens");
            writer.WriteStringValue(NameOf(id, pipeline));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string[] prefix, string[] suffix, string text, int typeId)
    {
        IEnumerable<(string Kind, string Name)> Special(string[] names) => names.Select(name => ("SpecialToken", name));
        foreach ((string kind, string name) in (IEnumerable<(string, string)>)[.. Special(prefix), ("Sequence", text), .. Special(suffix)])
        {
            writer.WriteStartObject();
            writer.WriteStartObject(kind);
            writer.WriteString("id", name);
            writer.WriteNumber("type_id", typeId);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    private static string NameOf(int id, TokenizerPipeline pipeline) =>
        pipeline.Added.FirstOrDefault(token => token.Id == id)?.Content ?? Encoding.UTF8.GetString(pipeline.Tokens[id] ?? []);

    private static void ReadTemplate(JsonPart part, VocabularyTable table, List<int> prefix, List<int> suffix)
    {
        part.AllowFields("type", "single", "pair", "special_tokens");
        JsonPart tokens = part.Field("special_tokens");
        int before = 0;
        bool isPast = false;
        foreach (JsonPart item in part.Field("single").Items())
        {
            item.AllowFields("SpecialToken", "Sequence");
            if (item.Find("Sequence") is { } text)
            {
                if (isPast || text.Field("id").Text() != "A")
                    throw text.Error("a template for one text has the text A once");

                isPast = true;
                continue;
            }

            JsonPart name = item.Field("SpecialToken").Field("id");
            if (tokens.Find(name.Text()) is not { } token)
                throw name.Error($"{Quoted.Text(name.Text())} is not among the special tokens of the template");

            foreach (JsonPart id in token.Field("ids").Items())
            {
                int value = ReadId(id, table);
                if (isPast)
                    suffix.Add(value);
                else
                    prefix.Insert(before++, value);
            }
        }

        if (!isPast)
            throw part.Field("single").Error("a template for one text has the text A once");
    }

    private static int ReadPair(JsonPart pair, VocabularyTable table) =>
        pair.Items().ToArray() is [var name, var id] && name.Text().Length > 0
            ? ReadId(id, table)
            : throw pair.Error("expected a token and its id");

    private static int ReadId(JsonPart id, VocabularyTable table)
    {
        int value = id.Number();
        return value < table.Names.Count && table.Names[value] is not null ? value : throw id.Error($"no token has the id {value}");
    }
}
