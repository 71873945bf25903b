namespace Inkling.Tensors;

/// <summary>A height of an <see cref="Arena"/> to return to.</summary>
/// <param name="Block">Number of the block.</param>
/// <param name="Used">Elements in use in it.</param>
/// <param name="Height">Elements in use in all, as if the arena were one piece.</param>
public readonly record struct ArenaMark(int Block, long Used, long Height);
