namespace Inkling.Data.Scenes.Grammar;

/// <summary>Entropy and mean length of the texts of a grammar, in closed form.</summary>
/// <param name="Entropy">H = E[−log p(text)] in nats, exact as long as every text has one derivation.</param>
/// <param name="Length">E[length] in characters.</param>
internal readonly record struct ExactMeans(double Entropy, double Length)
{
    /// <summary>
    /// Adds up, over all places, the probability that a text comes by × what it gains there: Σ −p log p nats at a choice, its characters
    /// at a literal. By the chain rule and the linearity of means these are the entropy and the mean length.
    /// </summary>
    public static ExactMeans Of(Node start)
    {
        (double entropy, double length) = (0, 0);
        Walk.Over(start, (node, reach, _) =>
        {
            if (node is Choice choice)
                entropy += reach * EntropyOf(choice);
            else if (node is Literal or Remember)
                length += reach * ((node as Literal)?.Text ?? ((Remember)node).Text).Length;
        });
        return new ExactMeans(entropy, length);
    }

    private static double EntropyOf(Choice choice)
    {
        double entropy = 0;
        for (int i = 0; i < choice.Alternatives.Length; i++)
            entropy -= choice.ProbabilityOf(i) * Math.Log(choice.ProbabilityOf(i));
        return entropy;
    }
}
