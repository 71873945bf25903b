using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Layers;

/// <summary>
/// RMS norms of each head's queries and keys, which keep the products bounded (Henry et al., "Query-Key Normalization for
/// Transformers", 2020; in this form in Qwen 3). The gains are shared by the heads.
/// </summary>
public sealed class QueryKeyNorm : QueryKeyLayer
{
    private readonly RmsNorm _query;
    private readonly RmsNorm _key;

    /// <summary>Adds <c>h.layer.attn.q_norm.weight</c> and <c>h.layer.attn.k_norm.weight</c>, (1, D), to the parameters.</summary>
    public QueryKeyNorm(ParameterStore parameters, int layer, int headSize, double epsilon)
    {
        _query = new RmsNorm(parameters, $"h.{layer}.attn.q_norm", headSize, epsilon);
        _key = new RmsNorm(parameters, $"h.{layer}.attn.k_norm", headSize, epsilon);
    }

    /// <inheritdoc/>
    public override (Tensor Q, Tensor K) Forward(Step step, Tensor q, Tensor k, MatrixView positions)
        => (_query.Forward(step, q), _key.Forward(step, k));
}
