namespace Inkling.Models;

/// <summary>The last linear layer, from channels to logits.</summary>
public enum HeadKind
{
    /// <summary>The token table serves again.</summary>
    Tied,

    /// <summary>A matrix of its own.</summary>
    Untied,

    /// <summary>A matrix of its own and a bias.</summary>
    UntiedWithBias,
}
