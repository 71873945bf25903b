using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>Input of a model: B sequences of T tokens, row after row.</summary>
/// <param name="Tokens">Token ids, (B·T, 1).</param>
/// <param name="Positions">Position of each token in its sequence, (B·T, 1).</param>
/// <param name="Batch">Sequences B.</param>
/// <param name="Time">Tokens per sequence T.</param>
public readonly record struct TokenBatch(MatrixView Tokens, MatrixView Positions, int Batch, int Time);
