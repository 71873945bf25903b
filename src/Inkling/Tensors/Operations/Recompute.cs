namespace Inkling.Tensors.Operations;

public static partial class Operation
{
    /// <summary>
    /// y = section(x), of which only y is kept: the backward pass computes the rest again (Chen et al., "Training Deep Nets with Sublinear
    /// Memory Cost", 2016). All gradients have the bits that they would have without it.
    /// </summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">(B, T, C).</param>
    /// <param name="section">What to compute; it contains no other section.</param>
    /// <param name="batch">Where the tokens stand.</param>
    /// <returns>(B, T, C).</returns>
    public static Tensor Recompute(Step step, Tensor x, ISection section, TokenBatch batch)
    {
        if (step.Tape is not { } tape)
        {
            return section.Forward(step, x, batch);
        }

        var mark = step.Arena.Mark();
        tape.BeginSection(repeats: false);
        var y = section.Forward(step, x, batch);
        tape.EndSection();
        y = step.Arena.ReleaseExcept(mark, y) with { Slot = tape.AddSlot() };
        var node = tape.Record<RecomputeNode>();
        (node.Output, node.X, node.Section, node.Batch) = (y, x, section, batch);
        return y;
    }

    private sealed class RecomputeNode : TapeNode
    {
        public Tensor X { get; set; }

        public ISection? Section { get; set; }

        public TokenBatch Batch { get; set; }

        // Even where no gradient comes in, its operations must say so for their parameters.
        public override bool IsReached(Tape tape) => true;

        public override void Backward(Step step, Tape tape)
        {
            // The one result that outlives the memory of the section.
            tape.Reserve(step, X);
            var mark = step.Arena.Mark();
            tape.BeginSection(repeats: true);
            var y = Section!.Forward(step.Probe is null ? step : step with { Probe = null }, X, Batch);
            if (tape.HasGradient(Output))
            {
                tape.HandOver(step, Output, y);
            }

            tape.Backward(step);
            tape.TakeBack(Output);
            tape.EndSection();
            step.Arena.Release(mark);
        }
    }
}
