namespace Inkling.Generation;

/// <summary>A token and how probable it was.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public readonly record struct TokenProbability(int Token, double LogProbability);
