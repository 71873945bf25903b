namespace Inkling.Models;

/// <summary>How the channels of a token are brought to a common scale.</summary>
public enum NormKind
{
    /// <summary>Mean 0 and variance 1, with a gain and, where the model has biases, a bias (GPT-2).</summary>
    LayerNorm,

    /// <summary>Mean square 1, with a gain (Llama).</summary>
    RmsNorm,
}
