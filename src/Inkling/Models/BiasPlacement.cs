namespace Inkling.Models;

/// <summary>Which layers have biases.</summary>
public enum BiasPlacement
{
    /// <summary>All linear layers and norms, as in GPT-2.</summary>
    Everywhere,

    /// <summary>All but queries, keys and values.</summary>
    ExceptQueryKeyValue,

    /// <summary>None, norms included.</summary>
    None,
}
