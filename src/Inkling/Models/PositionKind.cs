namespace Inkling.Models;

/// <summary>How the model knows where a token stands.</summary>
public enum PositionKind
{
    /// <summary>A trained vector per position is added to the token's (GPT-2).</summary>
    Learned,

    /// <summary>Sines and cosines of the position are added to the token's vector ("Attention Is All You Need", section 3.5).</summary>
    Sinusoidal,

    /// <summary>Queries and keys are turned by angles that grow with the position (Su et al., "RoFormer", 2021; Llama).</summary>
    Rotary,

    /// <summary>Not at all, but for what the causal mask gives away (Haviv et al., 2022).</summary>
    None,
}
