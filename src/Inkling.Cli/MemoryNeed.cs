using Inkling.Models;
using Inkling.Training;

namespace Inkling.Cli;

/// <summary>Roughly how much memory a model takes, so that what cannot work is refused before it begins.</summary>
internal static class MemoryNeed
{
    /// <summary>Values, gradients, two moments, two packed copies of each matrix, and what a pass keeps for its gradients.</summary>
    public static double OfTraining(GptConfig model, TrainingOptions options)
    {
        var cost = new GptCost(model);
        double heads = (double)model.HeadCount * model.EffectiveHeadSize;
        var perToken = model.LayerCount * ((8.0 * model.Width) + (6 * heads) + (3.0 * model.EffectiveFeedForwardWidth));
        var tokens = (double)options.EffectiveMicroBatchSize * model.ContextLength;
        return sizeof(float) * ((4.0 * cost.ParameterCount) + (2.0 * cost.ProductWeights) + (perToken * tokens) + Logits(model, tokens));
    }

    /// <summary>Values, a packed copy of each matrix, the cache, and one pass.</summary>
    public static double OfGeneration(GptConfig model)
    {
        var cost = new GptCost(model);
        return (sizeof(float) * ((double)cost.ParameterCount + cost.ProductWeights + Logits(model, model.ContextLength)))
            + ((double)cost.CacheBytesPerToken * model.ContextLength);
    }

    /// <summary>Refuses what the machine has no room for.</summary>
    /// <exception cref="FailureException">The need is larger than the memory.</exception>
    public static void Require(double bytes, string advice)
    {
        if (bytes > Machine.MemoryBytes)
        {
            throw new FailureException(
                $"this needs about {Units.Bytes(bytes)} of memory, and this machine has {Units.Bytes(Machine.MemoryBytes)}; {advice}");
        }
    }

    // The head works in chunks of about this many logits.
    private static double Logits(GptConfig model, double tokens)
        => model.VocabularySize * Math.Min(tokens, Math.Max(64, (1 << 24) / model.VocabularySize));
}
