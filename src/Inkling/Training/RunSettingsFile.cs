using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inkling.Data.Scenes;
using Inkling.Formats;
using Inkling.Kernels;

namespace Inkling.Training;

/// <summary>Writes and reads <c>run.json</c>, and training options as JSON.</summary>
internal static class RunSettingsFile
{
    private const int FormatVersion = 1;

    /// <summary>Options that say when to look, to save and to end, and what to keep in memory, and so change no number of the training.</summary>
    private static readonly string[] FreeToChange =
        ["recompute", "stopAt", "evaluateEvery", "patience", "maximumSkippedSteps", "estimateBatches", "reportEvery", "saveEvery", "keepCheckpoints"];

    public static JsonObject Write(RunSettings settings) => new()
    {
        ["formatVersion"] = FormatVersion,
        ["corpusPath"] = settings.CorpusPath,
        ["sceneCharacterCount"] = settings.SceneCharacterCount,
        ["corpusSha256"] = settings.CorpusSha256,
        ["from"] = ToJson(settings.From),
        ["preset"] = settings.Preset,
        ["model"] = GptConfigJson.Write(settings.Model),
        ["training"] = ToJson(settings.Training),
    };

    /// <exception cref="ModelFormatException">The content is not valid.</exception>
    public static RunSettings Read(string path, JsonObject content)
    {
        var training = WithLaterFields(JsonFile.Object(path, content, "training"));

        // Came later. A run that was begun without them began with drawn weights.
        content.TryAdd("from", null);
        content.TryAdd("sceneCharacterCount", RunSettings.DefaultSceneCharacterCount);

        JsonFile.RequireFields(path, content, ["formatVersion", "corpusPath", "sceneCharacterCount", "corpusSha256", "from", "preset", "model", "training"]);
        JsonFile.RequireVersion(path, content, FormatVersion);
        return new RunSettings
        {
            CorpusPath = Text(content, "corpusPath"),
            SceneCharacterCount = SceneCharacterCount(),
            CorpusSha256 = Text(content, "corpusSha256"),
            From = ReadFrom(),
            Preset = Text(content, "preset"),
            Model = GptConfigJson.Read(path, JsonFile.Object(path, content, "model"), "$.model"),
            Training = JsonFile.ReadOptions(
                path, training, "$.training", TrainingOptionsContext.Default.TrainingOptions,
                ToJson(new TrainingOptions()), options => options.Validate()),
        };

        int SceneCharacterCount()
            => content["sceneCharacterCount"] is JsonValue value && value.TryGetValue(out int count) && count is > 0 and <= SceneCorpus.MaxCharacterCount
                ? count
                : throw Misfit("sceneCharacterCount");

        RunOrigin? ReadFrom()
        {
            if (content["from"] is null)
            {
                return null;
            }

            var from = JsonFile.Object(path, content, "from");
            JsonFile.RequireFields(path, from, ["path", "weightsSha256"], "$.from");
            return new RunOrigin
            {
                FolderPath = Text(from, "path", "from.") ?? throw Misfit("from.path"),
                WeightsSha256 = Text(from, "weightsSha256", "from."),
            };
        }

        string? Text(JsonObject json, string name, string prefix = "") => json[name] switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out string? text) => text,
            _ => throw Misfit(prefix + name),
        };

        ModelFormatException Misfit(string name) => new(path, "the value does not fit the field", $"$.{name}");
    }

    /// <summary>Where a run comes from; null for nowhere.</summary>
    public static JsonObject? ToJson(RunOrigin? from)
        => from is null ? null : new JsonObject { ["path"] = from.FolderPath, ["weightsSha256"] = from.WeightsSha256 };

    /// <summary>Every field under its name in camel case.</summary>
    public static JsonObject ToJson(TrainingOptions options)
        => (JsonObject)JsonSerializer.SerializeToNode(options, TrainingOptionsContext.Default.TrainingOptions)!;

    /// <summary>Training options that were written as JSON some time ago, with the fields that came after that: they say what nobody had asked for.</summary>
    public static JsonObject WithLaterFields(JsonObject training)
    {
        var complete = (JsonObject)training.DeepClone();
        complete.TryAdd("patience", 0);
        complete.TryAdd("recompute", false);
        complete.TryAdd("precision", "float32");
        complete.TryAdd("spikeThreshold", 0);
        complete.TryAdd("spikeWindow", 128);
        complete.TryAdd("maximumSkippedSteps", 10);
        return complete;
    }

    /// <summary>The fields that a resumed run must find as they were, without the precision, which <see cref="TrainingState"/> has by itself.</summary>
    public static JsonObject Identity(TrainingOptions options)
    {
        var json = ToJson(options);
        foreach (var name in FreeToChange.Append("precision"))
        {
            json.Remove(name);
        }

        return json;
    }
}

/// <summary>Generated at compile time, so that a trimmed program keeps what it needs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true, Converters = [typeof(CamelCaseEnum<ScheduleKind>), typeof(CamelCaseEnum<Precision>)])]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class TrainingOptionsContext : JsonSerializerContext;
