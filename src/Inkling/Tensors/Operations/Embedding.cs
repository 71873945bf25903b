using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>y[b, t] = tokenTable[token] + positionTable[position].</summary>
    /// <param name="step">The pass.</param>
    /// <param name="batch">Tokens and positions (B, T).</param>
    /// <param name="tokenTable">(V, C).</param>
    /// <param name="positionTable">(context length, C), learned; or null.</param>
    /// <param name="fixedPositions">The same where nothing is learned; or none.</param>
    /// <returns>(B, T, C).</returns>
    public static Tensor Embed(Step step, TokenBatch batch, Parameter tokenTable, Parameter? positionTable, MatrixView fixedPositions = default)
    {
        var y = step.Allocate(new Shape(batch.Batch, batch.Time, tokenTable.Description.Columns)); // (B, T, C)
        step.Kernels.Embed(batch.Tokens, tokenTable.Value, y.View, accumulate: false);
        var positions = positionTable?.Value ?? fixedPositions; // (context length, C)
        if (!positions.IsNone)
        {
            step.Kernels.Embed(batch.Positions, positions, y.View, accumulate: true);
        }

        if (step.Tape is { } tape)
        {
            tape.Uses(tokenTable);
            tape.Uses(positionTable);
            var node = tape.Record<EmbedNode>();
            (node.Output, node.Batch, node.TokenTable, node.PositionTable) = (y, batch, tokenTable, positionTable);
        }

        return y;
    }

    private sealed class EmbedNode : TapeNode
    {
        public TokenBatch Batch { get; set; }

        public Parameter? TokenTable { get; set; }

        public Parameter? PositionTable { get; set; }

        public override void Skip(Tape tape)
        {
            tape.Contributed(TokenTable);
            tape.Contributed(PositionTable);
        }

        public override void Backward(Step step, Tape tape)
        {
            Add(step, tape, Batch.Tokens, TokenTable);
            Add(step, tape, Batch.Positions, PositionTable);
        }

        private void Add(Step step, Tape tape, MatrixView indices, Parameter? table)
        {
            if (table is not null && tape.Gradients.Holds(table))
            {
                step.Kernels.EmbedBackward(indices, tape.Gradient(Output), tape.Gradients.Target(table, out var accumulate), accumulate);
                tape.Contributed(table);
            }
        }
    }
}
