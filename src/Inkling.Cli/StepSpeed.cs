using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Inkling.Data;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Text;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>How long a training step takes, and what of the processor's peak it makes use of.</summary>
internal sealed record StepSpeed
{
    /// <summary>Steps that are timed at least.</summary>
    public const int FewestSteps = 5;
    private const int WarmupSteps = 3;

    public required string Name { get; init; }

    public required Precision Precision { get; init; }

    public required double MillisecondsPerStep { get; init; }

    public required double Data { get; init; }

    public required double Forward { get; init; }

    public required double Backward { get; init; }

    public required double Optimizer { get; init; }

    public required double TokensPerSecond { get; init; }

    public required double Gflops { get; init; }

    public required double PeakGflops { get; init; }

    /// <summary>What a step consists of; empty unless asked for.</summary>
    public required IReadOnlyList<OperationTime> Operations { get; init; }

    /// <summary>Operations of a step.</summary>
    public double Flops => Gflops * MillisecondsPerStep * 1e6;

    public double Utilization => Gflops / PeakGflops;

    /// <summary>Times steps of a recipe on made-up tokens.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="cpu">What computes.</param>
    /// <param name="seconds">How long at least, where no number of steps is given.</param>
    /// <param name="stepCount">How many steps.</param>
    /// <param name="byOperation">Whether every operation is timed by itself.</param>
    public static StepSpeed Measure(Recipe recipe, CpuOptions cpu, double seconds, int? stepCount = null, bool byOperation = false)
    {
        var timed = byOperation ? new TimedKernels(CpuKernels.Create(cpu)) : null;
        using IKernels kernels = timed ?? CpuKernels.Create(cpu);
        var precision = recipe.Training.ResolvedFor(kernels).Precision;
        var peakBefore = CpuPeaks.Products(precision, cpu);
        using var model = new Gpt(recipe.Model, kernels, precision);
        model.Parameters.Initialize(recipe.Training.Seed);
        using var trainer = new Trainer(model, MadeUpText(recipe.Model), recipe.Training);
        for (var i = 0; i < WarmupSteps; i++)
        {
            trainer.TrainStep();
        }

        timed?.Reset();
        var times = new List<StepTimes>();
        var start = Stopwatch.GetTimestamp();
        while (stepCount is { } count
            ? times.Count < count
            : times.Count < FewestSteps || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            var before = trainer.Times;
            trainer.TrainStep();
            times.Add(Difference(trainer.Times, before));
        }

        var milliseconds = Median(time => time.Total);
        var gflops = new GptCost(recipe.Model).TrainingFlopsPerToken(recipe.Model.ContextLength) * trainer.TokensPerStep / milliseconds / 1e6;
        return new StepSpeed
        {
            Name = recipe.Preset,
            Precision = precision,
            MillisecondsPerStep = milliseconds,
            Data = Median(time => time.Data),
            Forward = Median(time => time.Forward),
            Backward = Median(time => time.Backward),
            Optimizer = Median(time => time.Optimizer),
            TokensPerSecond = trainer.TokensPerStep / milliseconds * 1e3,
            Gflops = gflops,
            Operations =
            [
                .. (timed?.Times ?? []).Select(each => each with
                {
                    Calls = each.Calls / times.Count,
                    Seconds = each.Seconds / times.Count,
                    Flops = each.Flops / times.Count,
                }),
            ],
            // The clock of the processor moves with heat and neighbours; the higher peak is the stricter yardstick.
            PeakGflops = Math.Max(peakBefore, CpuPeaks.Products(precision, cpu)),
        };

        double Median(Func<StepTimes, TimeSpan> part) => BenchCommand.Median(times.Select(time => part(time).TotalMilliseconds));
    }

    private static StepTimes Difference(StepTimes a, StepTimes b)
        => new(a.Data - b.Data, a.Forward - b.Forward, a.Backward - b.Backward, a.Optimizer - b.Optimizer);

    /// <summary>Random tokens of the whole vocabulary, in parts a little longer than a window.</summary>
    private static DataSplit MadeUpText(GptConfig model)
    {
        var characters = Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Take(model.VocabularySize).Select(value => new Rune(value).ToString());
        var tokenizer = CharacterTokenizer.Train(Encoding.UTF8.GetBytes(string.Concat(characters)));
        var random = new Random(0);
        int[] tokens = [.. Enumerable.Range(0, 20 * (model.ContextLength + 1)).Select(_ => random.Next(model.VocabularySize))];
        return DataSplit.Split(TokenData.From(tokens, model.VocabularySize), tokenizer);
    }

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["millisecondsPerStep"] = MillisecondsPerStep,
        ["forward"] = Forward,
        ["backward"] = Backward,
        ["optimizer"] = Optimizer,
        ["tokensPerSecond"] = TokensPerSecond,
        ["gflops"] = Gflops,
        ["peakGflops"] = PeakGflops,
        ["utilization"] = Utilization,
    };

    public void Show(Sheet sheet, Recipe recipe, CpuOptions cpu)
    {
        sheet.Add("model", $"{Name}: {Describe.Shape(recipe.Model)}");
        sheet.Add("step", $"{Describe.Count(recipe.Training.BatchSize, "sequence")} of {Describe.Count(recipe.Model.ContextLength, "token")}");
        sheet.Add("kernels", $"{Kebab.From(cpu.InstructionSet.ToString())}, {Kebab.From(Precision.ToString())}, {Describe.Count(cpu.ThreadCount, "thread")}");
        sheet.Add("time", $"{MillisecondsPerStep:N1} ms: forward {Forward:N1}, backward {Backward:N1}, optimizer {Optimizer:N1}, data {Data:N1}");
        sheet.Add("speed", $"{TokensPerSecond:N0} tokens/s, {Gflops:N0} GFLOP/s");
        sheet.Add("utilisation", $"{Utilization:P1} of the {PeakGflops:N0} GFLOP/s measured in this run");
    }

    /// <summary>Lines of a table of all operations, the longest first.</summary>
    public IEnumerable<string> OperationTable()
    {
        List<string[]> rows = [["operation", "calls", "ms", "share", "GFLOP/s", "of peak"]];
        var total = Operations.Sum(each => each.Seconds);
        foreach (var each in Operations.OrderByDescending(each => each.Seconds))
        {
            var gflops = each.Flops / each.Seconds / 1e9;
            rows.Add(
            [
                each.Name, $"{each.Calls:N0}", $"{each.Seconds * 1e3:N2}", $"{each.Seconds / total:P1}",
                each.Flops > 0 ? $"{gflops:N0}" : "", each.Flops > 0 ? $"{gflops / PeakGflops:P0}" : "",
            ]);
        }

        return Columns.Create(rows);
    }
}
