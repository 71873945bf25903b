namespace Inkling.Formats;

/// <summary>What the numbers of a tensor can be.</summary>
internal enum ValueRule
{
    Finite,
    FiniteAndNotNegative,
    Zero,
}
