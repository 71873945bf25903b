namespace Inkling.Generation;

/// <summary>A token and how probable it was.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public readonly record struct TokenProbability(int Token, double LogProbability)
{
    /// <summary>Between 0 and 1.</summary>
    public double Probability => Math.Exp(LogProbability);
}
