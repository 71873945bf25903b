using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>What happens to queries and keys before they meet.</summary>
public abstract class QueryKeyLayer
{
    /// <summary>Computes the layer and, when the step has a tape, records it.</summary>
    /// <param name="step">The pass.</param>
    /// <param name="q">Queries (B, T, H·D).</param>
    /// <param name="k">Keys (B, T, Hk·D).</param>
    /// <param name="positions">Position of each token, (B·T, 1).</param>
    public abstract (Tensor Q, Tensor K) Forward(Step step, Tensor q, Tensor k, MatrixView positions);
}
