using System.Text.Json;
using System.Text.Json.Serialization;
using Inkling.Training;

namespace Inkling.Cli.Reporting;

/// <summary>A line of <c>journal.jsonl</c>: what of a run depends on clock and machine, and so has no place in its metrics.</summary>
internal sealed record JournalLine
{
    /// <summary>Steps done.</summary>
    public long Step { get; init; }

    /// <summary>Given where a training was begun or resumed.</summary>
    public RunSession? Session { get; init; }

    /// <summary>Seconds of training, evaluation and saving so far, all sessions together.</summary>
    public double? Seconds { get; init; }

    /// <summary>Tokens trained on per second of the steps since the line before.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>GFLOP/s of the machine, measured once more.</summary>
    public double? PeakGflops { get; init; }

    /// <summary>Given where a session ended by itself or was asked to.</summary>
    public RunEndReason? Ended { get; init; }

    /// <summary>What the model wrote.</summary>
    public string? Sample { get; init; }

    /// <summary>Judgements on the sample, such as <c>real words: 97 %</c>.</summary>
    public IReadOnlyDictionary<string, string>? Grades { get; init; }
}

/// <summary>Where and on what a run was trained, from one start to the next.</summary>
internal sealed record RunSession
{
    /// <summary>When, in UTC.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>Step at which the session was to end.</summary>
    public long LastStep { get; init; }

    /// <summary>Name of the processor.</summary>
    public string Processor { get; init; } = "";

    /// <summary>Runtime and operating system.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>The kernels' description of themselves, threads included.</summary>
    public string Kernels { get; init; } = "";

    /// <summary>Precision of the products; runs from before there was a choice have none.</summary>
    public string Precision { get; init; } = "float32";

    /// <summary>What these kernels and threads can do at best, measured, in GFLOP/s.</summary>
    public double PeakGflops { get; init; }

    /// <summary>What the peak consists of.</summary>
    public string PeakOf { get; init; } = "float32 fused multiply-adds";

    /// <summary>Name of the corpus.</summary>
    public string Corpus { get; init; } = "";

    /// <summary>Bytes of the corpus.</summary>
    public long CorpusBytes { get; init; }

    /// <summary>Tokens to learn from.</summary>
    public long TrainingTokens { get; init; }

    /// <summary>Tokens to validate with.</summary>
    public long ValidationTokens { get; init; }

    /// <summary>Bytes of text that these stand for.</summary>
    public long ValidationBytes { get; init; }

    /// <summary>How the corpus begins: a prompt that the model knows.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>What is known about the corpus beforehand; null for nothing.</summary>
    public Reference? Reference { get; init; }
}

/// <summary>What is known about a corpus without training on it.</summary>
/// <param name="FloorPerToken">The loss in nats per token that no model can beat on the average.</param>
/// <param name="Name">What the floor is, such as <c>entropy of the grammar</c>.</param>
internal sealed record Reference(double FloorPerToken, string Name);

/// <summary>A line of <c>metrics.jsonl</c>, of training or of an evaluation.</summary>
internal sealed record MetricsLine
{
    public long Step { get; init; }

    public double? Loss { get; init; }

    public double? GradientNorm { get; init; }

    public double? LearningRate { get; init; }

    public bool? IsApplied { get; init; }

    public double? ValidationLoss { get; init; }

    public double? ValidationLossHalfContext { get; init; }

    public double? TrainingEstimate { get; init; }

    public double? ValidationEstimate { get; init; }
}

/// <summary>Generated at compile time, so that a trimmed program keeps what it needs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(CamelCaseReason)],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(JournalLine))]
[JsonSerializable(typeof(MetricsLine))]
internal sealed partial class ReportingContext : JsonSerializerContext;

/// <summary>The reason as the other results of a run write it.</summary>
internal sealed class CamelCaseReason() : JsonStringEnumConverter<RunEndReason>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
