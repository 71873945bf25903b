namespace Inkling.Models;

/// <summary>Where the norm of a sublayer f stands. A last norm before the head follows in both cases.</summary>
public enum NormPlacement
{
    /// <summary>x + f(norm(x)), as in GPT-2.</summary>
    Before,

    /// <summary>norm(x + f(x)), as in "Attention Is All You Need" (2017).</summary>
    After,
}
