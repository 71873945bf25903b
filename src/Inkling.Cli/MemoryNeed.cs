using Inkling.Data;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>The memory of a training, and what would make it smaller.</summary>
internal sealed class MemoryNeed(GptConfig model, TrainingOptions training, CpuOptions? cpu = null, TextCorpus? corpus = null)
{
    // What is offered must fit although the estimate is one.
    private const double Tolerance = 0.1;

    // The search for the most sequences ends when it knows them to this fraction.
    private const int CloseEnough = 32;

    /// <summary>What it takes as it is.</summary>
    public TrainingMemory Memory { get; } = TrainingMemory.Estimate(model, training, cpu, corpus);

    /// <summary>What it takes at its peak, in words.</summary>
    public string Total => Text(Memory);

    /// <summary>What of it is what.</summary>
    public IEnumerable<string> Parts
    {
        get
        {
            (string Name, double Bytes)[] parts =
            [
                ("weights", Memory.WeightBytes), ("gradients", Memory.GradientBytes), ("moments", Memory.MomentBytes), ("packed weights", Memory.PackedWeightBytes),
                ("activations", Memory.ActivationBytes), ("workspaces", Memory.WorkspaceBytes), ("corpus", Memory.CorpusBytes), ("program", Memory.ProcessBytes),
            ];
            var known = parts.Where(part => part.Bytes > 0).ToList();
            return known.Select((part, i) => $"{part.Name} {Units.Bytes(part.Bytes)}{(i < known.Count - 1 ? "," : "")}");
        }
    }

    /// <summary>What blocks that are computed again save and cost; null where they are kept.</summary>
    public string? PriceOfRecompute
        => training.Recompute
            ? $"--recompute saves {(Saved > 0 ? Units.Bytes(Saved) : "nothing here")} for {MoreArithmetic}"
            : null;

    private double Saved => Estimate(training with { Recompute = false }).TotalBytes - Memory.TotalBytes;

    /// <summary>What half as many sequences at once and blocks that are computed again would take, alone and together.</summary>
    public IEnumerable<string> Smaller
    {
        get
        {
            var pass = training.EffectiveMicroBatchSize;
            return from recomputes in new[] { training.Recompute, true }.Distinct()
                   from size in new[] { pass, (pass + 1) / 2 }.Distinct()
                   where (size, recomputes) != (pass, training.Recompute)
                   select Offer(training with { MicroBatchSize = size, Recompute = recomputes });
        }
    }

    /// <summary>Why a machine with so much memory cannot do it and what it could do; null when it can.</summary>
    public string? Refusal(double bytes)
    {
        if (Memory.TotalBytes <= bytes)
        {
            return null;
        }

        string[] offers = [.. Fitting(bytes * (1 - Tolerance))];
        var advice = offers.Length > 0 ? string.Join("; ", offers)
            : 4 * Memory.WeightBytes > bytes ? $"weights, gradients and moments alone take {Units.Bytes(4 * Memory.WeightBytes)}: choose a smaller model"
            : $"even {Offer(training with { MicroBatchSize = 1, Recompute = true })}: choose a smaller model or context";
        return $"this needs {Total} of memory, and this machine has {Units.Bytes(bytes)}; {advice}";
    }

    private static string Text(TrainingMemory memory) => $"{(memory.IsLowerBound ? "at least" : "about")} {Units.Bytes(memory.TotalBytes)}";

    private string MoreArithmetic
    {
        get
        {
            var cost = new GptCost(model);
            return $"{cost.RecomputeFlopsPerToken(model.ContextLength) / cost.TrainingFlopsPerToken(model.ContextLength):P0} more arithmetic";
        }
    }

    /// <summary>The most sequences at once that fit; and blocks computed again, with fewer sequences where that is not enough.</summary>
    private IEnumerable<string> Fitting(double bytes)
    {
        if (LargestPass(training, bytes) is { } smaller)
        {
            yield return Offer(smaller);
        }

        var recomputing = training with { Recompute = true };
        if (!training.Recompute && (Estimate(recomputing).TotalBytes <= bytes ? recomputing : LargestPass(recomputing, bytes)) is { } again)
        {
            yield return Offer(again);
        }
    }

    private TrainingOptions? LargestPass(TrainingOptions options, double bytes)
    {
        var (fits, tooMany) = (0, options.EffectiveMicroBatchSize);
        while (tooMany - fits > 1 + (fits / CloseEnough))
        {
            var size = fits + ((tooMany - fits) / 2);
            (fits, tooMany) = Estimate(options with { MicroBatchSize = size }).TotalBytes <= bytes ? (size, tooMany) : (fits, size);
        }

        // As many passes, but of nearly equal size.
        return fits == 0 ? null : options with { MicroBatchSize = DivideUp(options.BatchSize, DivideUp(options.BatchSize, fits)) };
    }

    private string Offer(TrainingOptions options)
    {
        var size = options.EffectiveMicroBatchSize == training.EffectiveMicroBatchSize ? "" : $"--micro-batch-size {options.EffectiveMicroBatchSize}";
        var again = options.Recompute && !training.Recompute;
        return $"{size}{(again && size.Length > 0 ? " " : "")}{(again ? "--recompute" : "")} takes {Text(Estimate(options))}{(again ? $", for {MoreArithmetic}" : "")}";
    }

    private TrainingMemory Estimate(TrainingOptions options) => TrainingMemory.Estimate(model, options, cpu, corpus);

    private static int DivideUp(int a, int b) => ((a - 1) / b) + 1;
}
