namespace Inkling.Text.Subwords;

/// <summary>Two neighbouring tokens become one.</summary>
/// <param name="Left">Id of the left one.</param>
/// <param name="Right">Id of the right one.</param>
/// <param name="Result">Id of what they become.</param>
/// <param name="Rank">Of the merges that are possible, that of the lowest rank is made; of equal ones the leftmost.</param>
internal readonly record struct Merge(int Left, int Right, int Result, int Rank);
