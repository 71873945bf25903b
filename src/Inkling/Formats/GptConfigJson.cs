using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inkling.Models;

namespace Inkling.Formats;

/// <summary>A <see cref="GptConfig"/> as JSON.</summary>
public static class GptConfigJson
{
    /// <summary>Every field under its name in camel case.</summary>
    public static JsonObject Write(GptConfig config)
        => (JsonObject)JsonSerializer.SerializeToNode(config, GptConfigContext.Default.GptConfig)!;

    /// <summary>Fields that files of version 1 may lack: they were written when there was no choice but the default.</summary>
    private static readonly string[] AddedLater =
    [
        "keyValueHeadCount", "attentionWindow", "queryKeyNorm", "positions", "rotaryBase", "norm", "normPlacement",
    ];

    /// <summary>Reads what <see cref="Write"/> wrote; a missing field is as wrong as an unknown one, unless it is younger than the file may be.</summary>
    /// <exception cref="ModelFormatException">A field is missing, unknown or outside its range.</exception>
    internal static GptConfig Read(string path, JsonObject json, string location)
    {
        var (complete, defaults) = ((JsonObject)json.DeepClone(), Write(new GptConfig()));
        foreach (var name in AddedLater)
        {
            complete.TryAdd(name, defaults[name]!.DeepClone());
        }

        return JsonFile.ReadOptions(path, complete, location, GptConfigContext.Default.GptConfig, defaults, config => config.Validate());
    }
}

/// <summary>Generated at compile time, so that a trimmed program keeps what it needs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    Converters =
    [
        typeof(CamelCaseEnum<BiasPlacement>), typeof(CamelCaseEnum<FeedForwardKind>), typeof(CamelCaseEnum<HeadKind>),
        typeof(CamelCaseEnum<NormKind>), typeof(CamelCaseEnum<NormPlacement>), typeof(CamelCaseEnum<PositionKind>),
    ])]
[JsonSerializable(typeof(GptConfig))]
internal sealed partial class GptConfigContext : JsonSerializerContext;

/// <summary>An enum as the camel-case name of its member.</summary>
internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
