using Inkling.Kernels;
using static Inkling.Tests.Kernels.Operand;

namespace Inkling.Tests.Kernels;

internal static partial class KernelCases
{
    /// <summary>Self-attention of whole windows.</summary>
    private static IEnumerable<KernelCase> Attentions()
        => from T in Sizes
           from D in new[] { 1, 3, 19, 64, 65 }
           from causal in new[] { true, false }
           from rate in new[] { 0, 0.2 }
           let heads = T > 17 ? 1 : 2
           select Attention(
               new AttentionShape
               {
                   BatchSize = 2,
                   QueryCount = T,
                   KeyCount = T,
                   KeyCapacity = T,
                   HeadCount = heads,
                   KeyHeadCount = heads,
                   HeadSize = D,
                   Causal = causal,
               },
               SomeDropout(rate));

    /// <summary>Late queries on a cache that has room left, and several query heads to a key head.</summary>
    private static IEnumerable<KernelCase> GroupedAttentions()
        => from size in new[] { (T: 1, S: 1), (T: 1, S: 17), (T: 3, S: 20), (T: 5, S: 130), (T: 65, S: 66), (T: 17, S: 12) }
           from heads in new[] { (Query: 1, Key: 1), (Query: 4, Key: 2), (Query: 3, Key: 1) }
           from D in new[] { 3, 32 }
           from causal in new[] { true, false }
           select Attention(
               new AttentionShape
               {
                   BatchSize = 2,
                   QueryCount = size.T,
                   KeyCount = size.S,
                   KeyCapacity = size.S + 3,
                   HeadCount = heads.Query,
                   KeyHeadCount = heads.Key,
                   HeadSize = D,
                   QueryOffset = Math.Max(0, size.S - size.T),
                   Causal = causal,
               },
               SomeDropout(D == 3 ? 0.5 : 0));

    private static KernelCase Attention(AttentionShape shape, Dropout dropout)
    {
        var (B, T, S, H, D) = (shape.BatchSize, shape.QueryCount, shape.KeyCapacity, shape.HeadCount, shape.HeadSize);
        var (queryWidth, keyWidth) = (H * D, shape.KeyHeadCount * D);
        return new KernelCase(
            $"Attention B{B} T{T} at {shape.QueryOffset}, keys {shape.KeyCount} of {S}, heads {H}/{shape.KeyHeadCount} of {D}"
            + If(shape.Causal, "causal") + If(dropout.IsActive, "dropout"),
            (kernels, operands) =>
            {
                var (q, k, v, y, logSumExp) = (operands["q"], operands["k"], operands["v"], operands["y"], operands["logSumExp"]);
                kernels.Attention(shape, q, k, v, dropout, y, logSumExp);
                kernels.AttentionBackward(
                    shape, q, k, v, dropout, y, logSumExp, operands["dy"], operands["dq"], operands["dk"], operands["dv"]);
            },
            [
                Input("q", B * T, queryWidth),
                Input("k", B * S, keyWidth),
                Input("v", B * S, keyWidth),
                Input("dy", B * T, queryWidth),
                Output("y", B * T, queryWidth),
                Output("logSumExp", B * H, T),
                Output("dq", B * T, queryWidth),
                Output("dk", B * S, keyWidth),
                Output("dv", B * S, keyWidth),
            ]);
    }
}
