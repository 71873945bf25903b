using System.Text;
using Inkling.Data;
using Inkling.Generation;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Text;

namespace Inkling.Training;

/// <summary>
/// The memory that a training takes at its peak, known before it begins: its own code runs on kernels that compute nothing and count what they
/// are asked for. Samples that are written on the way are included.
/// </summary>
public sealed record TrainingMemory
{
    // What a program takes that trains next to nothing: runtime, compiled code, managed heap (docs/experiments.md).
    private const long Process = 66_000_000;

    // Tokens of a pass that are played through, which takes this process a megabyte; from there on activations grow in proportion.
    private const int MostTokens = 1 << 16;

    // What no machine has is not played through, so that no size is beyond 64 bits.
    private const double MostBytes = 1L << 46;

    /// <summary>The parameters.</summary>
    public required double WeightBytes { get; init; }

    /// <summary>Their gradients.</summary>
    public double GradientBytes => WeightBytes;

    /// <summary>The optimizer's two running means for each.</summary>
    public double MomentBytes => 2 * WeightBytes;

    /// <summary>Weights as the products read them.</summary>
    public double PackedWeightBytes { get; init; }

    /// <summary>What the passes keep and hand on, with their input.</summary>
    public required double ActivationBytes { get; init; }

    /// <summary>Scratch memory of the operations.</summary>
    public double WorkspaceBytes { get; init; }

    /// <summary>The text and its tokens.</summary>
    public double CorpusBytes { get; init; }

    /// <summary>The program itself.</summary>
    public double ProcessBytes => Process;

    /// <summary>Whether this is only a lower bound, since no machine has as much.</summary>
    public bool IsLowerBound { get; init; }

    /// <summary>All of it, the peak resident size of the process.</summary>
    public double TotalBytes
        => WeightBytes + GradientBytes + MomentBytes + PackedWeightBytes + ActivationBytes + WorkspaceBytes + CorpusBytes + ProcessBytes;

    /// <summary>The memory that a training takes with <see cref="CpuKernels"/>.</summary>
    /// <param name="model">Shape of the model.</param>
    /// <param name="training">How it is trained.</param>
    /// <param name="cpu">How the kernels run; threads have memory of their own.</param>
    /// <param name="corpus">What it is trained on; null to leave that out.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public static TrainingMemory Estimate(GptConfig model, TrainingOptions training, CpuOptions? cpu = null, TextCorpus? corpus = null)
    {
        model.Validate();
        training.Validate();
        var estimate = LowerBound(model, training);
        if (estimate.TotalBytes <= MostBytes)
        {
            estimate = Plan(model, training, cpu);
        }

        return corpus is null ? estimate : estimate with { CorpusBytes = CorpusSize(corpus, model) };
    }

    /// <summary>Parameters, the cache of a sample, and what each token of a pass leaves after every block and has in one.</summary>
    private static TrainingMemory LowerBound(GptConfig model, TrainingOptions training)
    {
        var cost = new GptCost(model);
        var perToken = ((model.LayerCount + 1.0) * model.Width) + ((double)model.HeadCount * model.EffectiveHeadSize);
        return new()
        {
            WeightBytes = sizeof(float) * (double)cost.ParameterCount,
            ActivationBytes = model.ContextLength * (cost.CacheBytesPerToken + (sizeof(float) * perToken * training.EffectiveMicroBatchSize)),
            IsLowerBound = true,
        };
    }

    private static TrainingMemory Plan(GptConfig config, TrainingOptions training, CpuOptions? cpu)
    {
        var mostSequences = Math.Max(1, MostTokens / config.ContextLength);
        if (training.EffectiveMicroBatchSize is var sequences && sequences > mostSequences)
        {
            var most = Plan(config, training with { MicroBatchSize = mostSequences }, cpu);
            return most with { ActivationBytes = most.ActivationBytes * sequences / mostSequences };
        }

        using var plan = CpuMemoryPlan.Create(cpu);
        using var model = new Gpt(config, plan, training.ResolvedFor(plan).Precision);
        model.Parameters.Initialize(training.Seed);
        using (var trainer = new Trainer(model, Blanks(config), Shortened(training)))
        {
            // The first step grows the arena; between the passes of the second no weight changes.
            trainer.TrainStep();
            trainer.TrainStep();
            trainer.EvaluateValidation();
            Write(model);
            trainer.TrainStep();
        }

        var weights = model.Parameters.Values.ByteSize;
        return new TrainingMemory
        {
            WeightBytes = weights,
            PackedWeightBytes = plan.PackedBytes,
            WorkspaceBytes = plan.WorkspaceBytes,
            ActivationBytes = plan.PeakBytes - (4.0 * weights) - plan.PackedBytes - plan.WorkspaceBytes,
        };
    }

    /// <summary>Two micro-batches and the last, shorter one take as much memory as any number of them.</summary>
    private static TrainingOptions Shortened(TrainingOptions training)
    {
        var pass = training.EffectiveMicroBatchSize;
        return training with { BatchSize = (int)Math.Min(training.BatchSize, (2L * pass) + (training.BatchSize % pass)), MicroBatchSize = pass };
    }

    /// <summary>A sample: a pass over as much as is left when the window moves on, and one over a single token.</summary>
    private static void Write(Gpt model)
    {
        using var generator = new Generator(model);
        var prompt = new int[Math.Max(1, model.Config.ContextLength / 2)];
        foreach (var _ in generator.Generate(prompt, new GenerationOptions { TokenCount = 2 }))
        {
            // The tokens are of no interest.
        }
    }

    /// <summary>A text that says nothing, just long enough for a window and for a full pass of the evaluation.</summary>
    private static DataSplit Blanks(GptConfig model)
    {
        var tokens = new int[2 * (Evaluation.LongestPass(model.ContextLength) + 1)];
        return DataSplit.Split(TokenData.From(tokens, 1), CharacterTokenizer.Train(" "u8), validationFraction: 0.5);
    }

    private static double CorpusSize(TextCorpus corpus, GptConfig model)
    {
        var bytesPerToken = TokenData.From([], model.VocabularySize).BytesPerToken;
        return corpus.ByteCount + ((double)bytesPerToken * Encoding.UTF8.GetCharCount(corpus.Bytes.Span));
    }
}
