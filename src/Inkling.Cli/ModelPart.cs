using Inkling.Models;

namespace Inkling.Cli;

/// <summary>A part of a model with its share of the costs.</summary>
/// <param name="Name">What it is.</param>
/// <param name="ParameterCount">Trainable numbers.</param>
/// <param name="FlopsPerToken">Floating-point operations of a training step per token.</param>
internal sealed record ModelPart(string Name, long ParameterCount, double FlopsPerToken)
{
    /// <summary>The parts of a model, which add up to all of it.</summary>
    public static IReadOnlyList<ModelPart> Of(GptConfig model)
    {
        var cost = new GptCost(model);
        // Each weight of a product costs a multiplication and an addition, forward once and backward twice.
        var attention = cost.TrainingFlopsPerToken(model.ContextLength) - (6.0 * (cost.FeedForwardWeights + cost.HeadWeights));
        return
        [
            new("embeddings", cost.TableWeights, 0),
            new("attention", cost.AttentionWeights, attention),
            new("feed-forward", cost.FeedForwardWeights, 6.0 * cost.FeedForwardWeights),
            new("norms", cost.NormParameters, 0),
            new("biases", cost.LinearBiases, 0),
            new(model.Head == HeadKind.Tied ? "head (tied)" : "head", model.Head == HeadKind.Tied ? 0 : cost.HeadWeights, 6.0 * cost.HeadWeights),
        ];
    }
}
