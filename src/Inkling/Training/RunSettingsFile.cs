using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inkling.Formats;

namespace Inkling.Training;

/// <summary>Writes and reads <c>run.json</c>, and training options as JSON.</summary>
internal static class RunSettingsFile
{
    private const int FormatVersion = 1;

    /// <summary>Options that say when to look and to save, and so change no number of the training.</summary>
    private static readonly string[] FreeToChange =
        ["stopAt", "evaluateEvery", "estimateBatches", "reportEvery", "saveEvery", "keepCheckpoints"];

    public static void Write(string path, RunSettings settings)
        => AtomicFile.Write(path, stream => JsonFile.Write(stream, new JsonObject
        {
            ["formatVersion"] = FormatVersion,
            ["corpusPath"] = settings.CorpusPath,
            ["corpusSha256"] = settings.CorpusSha256,
            ["preset"] = settings.Preset,
            ["model"] = GptConfigJson.Write(settings.Model),
            ["training"] = ToJson(settings.Training),
        }));

    /// <exception cref="ModelFormatException">The file is missing or not valid.</exception>
    public static RunSettings Read(string path)
    {
        var content = JsonFile.Read(path);
        JsonFile.RequireFields(path, content, ["formatVersion", "corpusPath", "corpusSha256", "preset", "model", "training"]);
        if (content["formatVersion"] is not JsonValue version || !version.TryGetValue(out int number) || number != FormatVersion)
        {
            throw new ModelFormatException(path, $"the format version is not {FormatVersion}, the one that this version of Inkling reads", "$.formatVersion");
        }

        return new RunSettings
        {
            CorpusPath = Text("corpusPath") ?? throw new ModelFormatException(path, "the value does not fit the field", "$.corpusPath"),
            CorpusSha256 = Text("corpusSha256"),
            Preset = Text("preset"),
            Model = GptConfigJson.Read(path, Object("model"), "$.model"),
            Training = ReadTraining(path, Object("training")),
        };

        string? Text(string name) => content[name] switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out string? text) => text,
            _ => throw new ModelFormatException(path, "the value does not fit the field", $"$.{name}"),
        };

        JsonObject Object(string name) => content[name] as JsonObject ?? throw new ModelFormatException(path, "expected an object", $"$.{name}");
    }

    /// <summary>Every field under its name in camel case.</summary>
    public static JsonObject ToJson(TrainingOptions options)
        => (JsonObject)JsonSerializer.SerializeToNode(options, TrainingOptionsContext.Default.TrainingOptions)!;

    /// <summary>The fields that a resumed run must find as they were.</summary>
    public static JsonObject Identity(TrainingOptions options)
    {
        var json = ToJson(options);
        foreach (var name in FreeToChange)
        {
            json.Remove(name);
        }

        return json;
    }

    private static TrainingOptions ReadTraining(string path, JsonObject json)
    {
        const string location = "$.training";
        JsonFile.RequireFields(path, json, ToJson(new TrainingOptions()).Select(field => field.Key), location);
        var options = JsonFile.Deserialize(path, json, TrainingOptionsContext.Default.TrainingOptions, location);
        try
        {
            options.Validate();
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(path, e.Message, location, e);
        }

        return options;
    }
}

/// <summary>Generated at compile time, so that a trimmed program keeps what it needs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true, Converters = [typeof(CamelCaseEnum<ScheduleKind>)])]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class TrainingOptionsContext : JsonSerializerContext;
