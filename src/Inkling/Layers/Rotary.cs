using Inkling.Kernels;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>Rotary positions: the product of a query and a key depends on how far apart they are (Su et al., "RoFormer", 2021).</summary>
/// <param name="table">From <see cref="PositionTable.Rotary"/>; the layer does not own it.</param>
public sealed class Rotary(PositionTable table) : QueryKeyLayer
{
    /// <inheritdoc/>
    public override (Tensor Q, Tensor K) Forward(Step step, Tensor q, Tensor k, MatrixView positions)
        => (Operation.Rotate(step, q, positions, table.View), Operation.Rotate(step, k, positions, table.View));
}
