using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inkling.Formats;
using Inkling.Kernels;

namespace Inkling.Training;

/// <summary>What a checkpoint holds besides the tensors: where training stands, and what it must find unchanged to go on.</summary>
public sealed record TrainingState
{
    /// <summary>Version of the layout that is written; all up to it are read.</summary>
    public const int CurrentFormatVersion = 2;

    private const int OldestFormatVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int FormatVersion { get; init; } = CurrentFormatVersion;

    /// <summary>Version of Inkling that wrote it.</summary>
    public required string Version { get; init; }

    /// <summary>Kernels that computed it. Others give another rounding, so the run goes on but not to the same bits.</summary>
    public required string Kernels { get; init; }

    /// <summary>Steps done, those without an update included.</summary>
    public required long Step { get; init; }

    /// <summary>Updates of the optimizer: steps without those that were skipped.</summary>
    public required long Update { get; init; }

    /// <summary>Lowest validation loss so far in nats per token; null before the first evaluation.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>Step of the lowest validation loss.</summary>
    public long BestStep { get; init; }

    /// <summary>Whether this step is due for an evaluation that has not been done.</summary>
    public bool EvaluationOwed { get; init; }

    /// <summary>Evaluations since the lowest validation loss.</summary>
    public int EvaluationsWithoutImprovement { get; init; }

    // A checkpoint of before these were saved has none of the following: the run goes on with what it sees from there.

    /// <summary>Validation loss of the last evaluation; null before the first.</summary>
    public double? LastValidationLoss { get; init; }

    /// <summary>Mean training loss of the steps that led to the lowest validation loss; null where that is not known.</summary>
    public double? TrainingLossAtBest { get; init; }

    /// <summary>Sum of the losses of the steps since the last evaluation.</summary>
    public double TrainingLossSum { get; init; }

    /// <summary>How many losses <see cref="TrainingLossSum"/> adds up.</summary>
    public long TrainingLossCount { get; init; }

    /// <summary>Hash of the metrics up to here in lower-case hexadecimal; null for a checkpoint of before that was kept.</summary>
    public string? MetricsSha256 { get; init; }

    /// <summary>What the guard of the steps has seen.</summary>
    public StepGuardState? Guard { get; init; }

    /// <summary>Precision of the products; a run keeps the one that it began with, whatever a machine would choose.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Seed of all random draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Hash of the corpus in lower-case hexadecimal.</summary>
    public required string CorpusSha256 { get; init; }

    /// <summary>Hash of the tokenizer's file in lower-case hexadecimal.</summary>
    public required string TokenizerSha256 { get; init; }

    /// <summary>Configuration of the model.</summary>
    public required JsonObject Model { get; init; }

    /// <summary>Options of the training.</summary>
    public required JsonObject Training { get; init; }

    /// <summary>
    /// Compares what decides every number of a run, and so must be as it was when a checkpoint was saved: seed, corpus, tokenizer,
    /// model and training options. One line per difference, such as <c>training.learningRate was 0.001 and is 0.002</c>.
    /// </summary>
    public IEnumerable<string> DifferencesTo(TrainingState current) => JsonDifference.Between(Identity, current.Identity);

    /// <summary>Reads a state. What a field of the shape or the recipe meant before it existed is filled in.</summary>
    /// <exception cref="ModelFormatException">The file is missing or not valid.</exception>
    internal static TrainingState Read(string path)
    {
        var content = JsonFile.Read(path);
        JsonFile.RequireVersion(path, content, OldestFormatVersion, CurrentFormatVersion);
        var state = JsonFile.Deserialize(path, content, TrainingStateContext.Default.TrainingState);
        return state with { Model = GptConfigJson.Write(GptConfigJson.Read(path, state.Model, "$.model")) };
    }

    private JsonObject Identity => new()
    {
        ["precision"] = Precision.ToString(),
        ["seed"] = Seed,
        ["corpusSha256"] = CorpusSha256,
        ["tokenizerSha256"] = TokenizerSha256,
        ["model"] = Model.DeepClone(),
        ["training"] = RunSettingsFile.WithLaterFields(Training),
    };
}

/// <summary>Generated at compile time, so that a trimmed program keeps what it needs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true,
    Converters = [typeof(CamelCaseEnum<Precision>)])]
[JsonSerializable(typeof(TrainingState))]
internal sealed partial class TrainingStateContext : JsonSerializerContext;
