using Inkling.Kernels;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>down(f(gate(x))·up(x)) (Shazeer, "GLU Variants Improve Transformer", 2020).</summary>
/// <remarks>
/// Adds <c>h.layer.mlp.c_fc</c> (C, 2·F), the gate's columns before the other's, and <c>h.layer.mlp.c_proj</c> (F, C) to the parameters.
/// </remarks>
public sealed class GatedFeedForward(ParameterStore parameters, int layer, Activation activation, FeedForwardOptions options)
    : FeedForward(parameters, layer, 2 * options.HiddenWidth, options)
{
    private protected override Tensor Hidden(Step step, Tensor x) => Operation.Gate(step, Up.Forward(step, x), activation); // (B, T, F)
}
