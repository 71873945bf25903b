using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>
    /// Turns each head's pairs of channels (i, i + D/2) by angles that grow with the position (Su et al., "RoFormer", 2021). It works
    /// in place, forwards and backwards: nothing else may use what was there before.
    /// </summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">Queries or keys, (B, T, H·D); D even.</param>
    /// <param name="positions">Position of each token, (B·T, 1).</param>
    /// <param name="table">Cosines and sines of each position's angles, (context length, D).</param>
    /// <returns><paramref name="x"/>, turned.</returns>
    public static Tensor Rotate(Step step, Tensor x, MatrixView positions, MatrixView table)
    {
        step.Kernels.Rotate(x.View, positions, table, table.Columns, Rotation.Forward, x.View);
        if (step.Tape is { } tape)
        {
            var node = tape.Record<RotateNode>();
            (node.X, node.Positions, node.Table) = (x, positions, table);
        }

        return x;
    }

    private sealed class RotateNode : TapeNode
    {
        public Tensor X { get; set; }

        public MatrixView Positions { get; set; }

        public MatrixView Table { get; set; }

        public override bool IsReached(Tape tape) => tape.HasGradient(X);

        public override void Backward(Step step, Tape tape)
        {
            // Turning back is the gradient of turning.
            var gradient = tape.Gradient(X);
            step.Kernels.Rotate(gradient, Positions, Table, Table.Columns, Rotation.Inverse, gradient);
        }
    }
}
