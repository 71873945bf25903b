using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>down(f(up(x))).</summary>
/// <remarks>Adds <c>h.layer.mlp.c_fc</c> (C, F) and <c>h.layer.mlp.c_proj</c> (F, C) to the parameters.</remarks>
public sealed class ActivatedFeedForward(ParameterStore parameters, int layer, Activation activation, FeedForwardOptions options)
    : FeedForward(parameters, layer, options.HiddenWidth, options)
{
    private protected override Tensor Hidden(Step step, Tensor x) => Up.Forward(step, x, activation); // (B, T, F)
}
