using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inkling.Formats;

namespace Inkling.Training;

/// <summary>Appends to <c>metrics.jsonl</c>: one JSON object per line, each with the step it was reported at.</summary>
public sealed class MetricsLog : IDisposable
{
    private const string StepName = "step";
    internal const string ValidationLossName = "validationLoss";

    // A loss that has become NaN is worth a line.
    private static readonly JsonSerializerOptions Options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly Storage _storage;
    private readonly Stream _stream;
    private readonly MemoryStream _unwritten = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _end;

    /// <summary>Opens the log, or begins it.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public MetricsLog(string path)
        : this(Storage.Disk, path)
    {
    }

    internal MetricsLog(Storage storage, string path)
    {
        (_storage, _stream) = (storage, storage.OpenToAppend(path));
        _end = _stream.Position;
        _hash.AppendData(Read(path));
    }

    /// <summary>Hash of all lines in lower-case hexadecimal, those that wait included.</summary>
    public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>
    /// Writes a line that readers see at once. Where the disk does not take it, it waits for the next one: <see cref="Flush"/> says whether any does.
    /// </summary>
    /// <param name="step">Steps done; the line's first field.</param>
    /// <param name="report">The other fields.</param>
    public void Append(long step, JsonObject report)
    {
        var line = new JsonObject { [StepName] = step };
        foreach (var (name, value) in report)
        {
            line[name] = value?.DeepClone();
        }

        var begin = (int)_unwritten.Length;
        using (var writer = new Utf8JsonWriter(_unwritten))
        {
            line.WriteTo(writer, Options);
        }

        _unwritten.WriteByte((byte)'\n');
        _hash.AppendData(_unwritten.GetBuffer().AsSpan(begin, (int)_unwritten.Length - begin));
        TryWrite();
    }

    /// <summary>Returns when every line has reached the disk.</summary>
    /// <exception cref="IOException">It does not take them.</exception>
    public void Flush()
    {
        if (TryWrite() is { } problem)
        {
            throw new IOException(problem.Message, problem);
        }

        _storage.Flush(_stream);
    }

    /// <summary>Writes what a step did.</summary>
    /// <param name="result">What it did.</param>
    /// <param name="windowStarts">From <see cref="Trainer.WindowStarts"/>: the batch of a step that was skipped.</param>
    public void Append(StepResult result, IEnumerable<long>? windowStarts = null)
    {
        var report = new JsonObject
        {
            ["loss"] = result.Loss,
            ["gradientNorm"] = result.GradientNorm,
            ["learningRate"] = result.LearningRate,
            ["isApplied"] = result.IsApplied,
        };
        if (!result.IsApplied)
        {
            report["skipped"] = JsonNamingPolicy.CamelCase.ConvertName(result.Outcome.ToString());
            report["windows"] = new JsonArray([.. (windowStarts ?? []).Select(start => JsonValue.Create(start))]);
        }

        Append(result.Step, report);
    }

    /// <summary>Writes what an evaluation found.</summary>
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
    public static void CutBackTo(string path, long step, bool evaluationOwed = false) => CutBackTo(Storage.Disk, path, step, evaluationOwed);

    internal static void CutBackTo(Storage storage, string path, long step, bool evaluationOwed)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var content = Read(path);
        using var kept = new MemoryStream();
        var rest = content.AsMemory();
        for (int end; (end = rest.Span.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
        {
            if (Keeps(rest[..end], step, evaluationOwed))
            {
                kept.Write(rest.Span[..(end + 1)]);
            }
        }

        // A run that has ended can be looked at on a full disk.
        if (kept.Length < content.Length)
        {
            AtomicFile.Write(storage, path, kept.WriteTo);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    /// <summary>The step of a line; null for what is no line of a log.</summary>
    internal static long? StepOf(JsonElement line)
        => line.ValueKind == JsonValueKind.Object
            && line.TryGetProperty(StepName, out var step)
            && step.ValueKind == JsonValueKind.Number
            && step.TryGetInt64(out var number)
            ? number
            : null;

    /// <summary>Writes what waits, all of it or nothing.</summary>
    private IOException? TryWrite()
    {
        try
        {
            // A line is whole or not there: half of one that a full disk has left makes way.
            if (_stream.Position != _end)
            {
                _stream.SetLength(_end);
                _stream.Seek(_end, SeekOrigin.Begin);
            }

            _unwritten.WriteTo(_stream);
            _stream.Flush();
            _unwritten.SetLength(0);
            _end = _stream.Position;
            return null;
        }
        catch (IOException e)
        {
            return e;
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            // The log that is open shares itself with readers only.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static bool Keeps(ReadOnlyMemory<byte> line, long lastStep, bool evaluationOwed)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return StepOf(root) is { } step && step <= lastStep && (step < lastStep || !evaluationOwed || !root.TryGetProperty(ValidationLossName, out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
