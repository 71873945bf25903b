namespace Inkling.Tensors;

/// <summary>A height of an <see cref="Arena"/> to return to.</summary>
/// <param name="Block">Number of the block.</param>
/// <param name="Used">Elements in use in it.</param>
public readonly record struct ArenaMark(int Block, long Used);
