using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inkling.Formats;

namespace Inkling.Training;

/// <summary>Appends to <c>metrics.jsonl</c>: one JSON object per line, each with the step it was reported at.</summary>
public sealed class MetricsLog : IDisposable
{
    private const string StepName = "step";
    private const string ValidationLossName = "validationLoss";

    // A loss that has become NaN is worth a line.
    private static readonly JsonSerializerOptions Options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly FileStream _stream;

    /// <summary>Opens the log, or begins it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public MetricsLog(string path) => _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);

    /// <summary>Writes a line that readers see at once.</summary>
    /// <param name="step">Steps done; the line's first field.</param>
    /// <param name="report">The other fields.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(long step, JsonObject report)
    {
        var line = new JsonObject { [StepName] = step };
        foreach (var (name, value) in report)
        {
            line[name] = value?.DeepClone();
        }

        using (var writer = new Utf8JsonWriter(_stream))
        {
            line.WriteTo(writer, Options);
        }

        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    /// <summary>Writes what a step did.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(StepResult result) => Append(result.Step, new JsonObject
    {
        ["loss"] = result.Loss,
        ["gradientNorm"] = result.GradientNorm,
        ["learningRate"] = result.LearningRate,
        ["isApplied"] = result.IsApplied,
    });

    /// <summary>Writes what an evaluation found.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(Evaluated evaluated)
    {
        var report = new JsonObject { [ValidationLossName] = evaluated.ValidationLoss, ["bestValidationLoss"] = evaluated.BestValidationLoss };
        Add("validationLossHalfContext", evaluated.ValidationLossHalfContext);
        Add("trainingLoss", evaluated.TrainingLoss);
        Add("trainingEstimate", evaluated.TrainingEstimate);
        Add("validationEstimate", evaluated.ValidationEstimate);
        Append(evaluated.Step, report);

        void Add(string name, double? value)
        {
            if (value is { } number)
            {
                report[name] = number;
            }
        }
    }

    /// <summary>Takes back what was reported after a step, and lines that a crash has torn.</summary>
    /// <param name="path">The log; it need not exist.</param>
    /// <param name="step">Step of the checkpoint from which the run goes on.</param>
    /// <param name="evaluationOwed">Whether the evaluation of that very step is taken back too, because it will be done again.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static void CutBackTo(string path, long step, bool evaluationOwed = false)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var content = File.ReadAllBytes(path);
        AtomicFile.Write(path, stream =>
        {
            var rest = content.AsMemory();
            for (int end; (end = rest.Span.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                if (Keeps(rest[..end], step, evaluationOwed))
                {
                    stream.Write(rest.Span[..(end + 1)]);
                }
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static bool Keeps(ReadOnlyMemory<byte> line, long lastStep, bool evaluationOwed)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty(StepName, out var step)
                && step.ValueKind == JsonValueKind.Number
                && step.TryGetInt64(out var number)
                && number <= lastStep
                && (number < lastStep || !evaluationOwed || !root.TryGetProperty(ValidationLossName, out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
