using Inkling.Kernels;
using static Inkling.Tests.Kernels.Operand;

namespace Inkling.Tests.Kernels;

internal static partial class KernelCases
{
    /// <summary>Self-attention of whole windows.</summary>
    private static IEnumerable<KernelCase> Attentions()
        => from precision in Precisions
           from T in precision == Precision.Bfloat16 ? PairedSizes : Sizes
           from D in precision == Precision.Bfloat16 ? [1, 6, 19, 64] : new[] { 1, 3, 6, 19, 20, 64, 65 }
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
                   Precision = precision,
               },
               SomeDropout(rate));

    /// <summary>Late queries on a cache that has room left, and several query heads to a key head.</summary>
    private static IEnumerable<KernelCase> GroupedAttentions()
        => from size in new[] { (T: 1, S: 1), (T: 1, S: 17), (T: 3, S: 20), (T: 5, S: 130), (T: 65, S: 66), (T: 17, S: 12) }
           from heads in new[] { (Query: 1, Key: 1), (Query: 4, Key: 2), (Query: 3, Key: 1) }
           from D in new[] { 1, 3, 6, 19, 20, 32 }
           from causal in new[] { true, false }
           from precision in Precisions
           where precision == Precision.Float32 || (heads.Query > 1 && D is 3 or 20)
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
                   Precision = precision,
               },
               SomeDropout(D == 3 ? 0.5 : 0));

    /// <summary>
    /// Windows shorter and longer than a block of queries, that begin at keys of every remainder by four, before and behind the keys; whole windows, late
    /// chunks and single tokens.
    /// </summary>
    private static IEnumerable<KernelCase> WindowedAttentions()
        => from size in new[] { (T: 1, S: 1), (T: 1, S: 38), (T: 3, S: 20), (T: 17, S: 17), (T: 5, S: 130), (T: 65, S: 66), (T: 130, S: 130), (T: 17, S: 15) }
           from window in new[] { 1, 3, 8, 33, 64, 1000, int.MaxValue }
           from rate in new[] { 0, 0.3 }
           from precision in Precisions
           where window > Math.Max(0, size.T - size.S) && (precision == Precision.Float32 || window < int.MaxValue)
           let heads = window % 2 == 0 ? (Query: 1, Key: 1) : (Query: 4, Key: 2)
           select Attention(
               new AttentionShape
               {
                   BatchSize = 2,
                   QueryCount = size.T,
                   KeyCount = size.S,
                   KeyCapacity = size.S + 1,
                   HeadCount = heads.Query,
                   KeyHeadCount = heads.Key,
                   HeadSize = rate == 0 ? 5 : 20,
                   QueryOffset = Math.Max(0, size.S - size.T),
                   Causal = true,
                   Window = window,
                   Precision = precision,
               },
               SomeDropout(rate));

    /// <summary>Positions in any order; any angles, as a rotation is linear in them. In place, and back again as its gradient.</summary>
    private static IEnumerable<KernelCase> Rotations()
        => from size in new[]
           {
               (M: 1, H: 1, D: 2), (M: 3, H: 2, D: 6), (M: 17, H: 3, D: 20), (M: 130, H: 2, D: 38), (M: 65, H: 1, D: 64), (M: 7, H: 6, D: 64),
               (M: 63, H: 2, D: 126), (M: 3, H: 1, D: 1100),
           }
           from rotation in Enum.GetValues<Rotation>()
           let back = rotation == Rotation.Forward ? Rotation.Inverse : Rotation.Forward
           select new KernelCase(
               $"Rotate {size.M} rows of {size.H} heads of {size.D}, {rotation}",
               (kernels, operands) =>
               {
                   var (positions, table) = (operands["positions"], operands["table"]);
                   kernels.Rotate(operands["x"], positions, table, size.D, rotation, operands["y"]);
                   kernels.Rotate(operands["dy"], positions, table, size.D, back, operands["dx"]);
                   kernels.Rotate(operands["z"], positions, table, size.D, rotation, operands["z"]);
               },
               Input("x", size.M, size.H * size.D),
               Indices("positions", size.M, random => random.Next(9)),
               Input("table", 9, size.D),
               Input("dy", size.M, size.H * size.D),
               Output("y", size.M, size.H * size.D),
               Output("dx", size.M, size.H * size.D),
               Output("z", size.M, size.H * size.D, accumulate: true));

    // In bfloat16 attention rounds what it has computed itself. Weights and slopes that differ in the last bits of a float, or of a double, now and then
    // fall to different neighbours, which are 2⁻⁸ apart: found are up to 6e-10 and 3e-8 of the squares. The slopes of one query add up to
    // zero only nearly, because the kernels take δ = Σ dy·y with the y that rounded weights gave, and the reference sums weights times slopes itself:
    // about 2⁻⁹ of each dy·y. What a few terms leave of each other is that much less exact, found are up to 4e-5.
    private static Operand Mixed(Operand output, AttentionShape shape)
        => shape.Precision == Precision.Float32 ? output : output with { Tolerance = 1e-7 };

    private static Operand Sloped(Operand output, AttentionShape shape)
        => shape.Precision == Precision.Float32 ? output : output with { Tolerance = 6e-5, Floor = 1e-6 };

    private static KernelCase Attention(AttentionShape shape, Dropout dropout)
    {
        var (B, T, S, H, D) = (shape.BatchSize, shape.QueryCount, shape.KeyCapacity, shape.HeadCount, shape.HeadSize);
        var (queryWidth, keyWidth) = (H * D, shape.KeyHeadCount * D);
        return new KernelCase(
            $"Attention B{B} T{T} at {shape.QueryOffset}, keys {shape.KeyCount} of {S}, heads {H}/{shape.KeyHeadCount} of {D}"
            + If(shape.Causal, "causal") + If(shape.Window > 0, $"window {shape.Window}") + If(dropout.IsActive, "dropout") + If(shape.Precision),
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
                Mixed(Output("y", B * T, queryWidth), shape),
                Output("logSumExp", B * H, T),
                Sloped(Output("dq", B * T, queryWidth), shape),
                Sloped(Output("dk", B * S, keyWidth), shape),
                Mixed(Output("dv", B * S, keyWidth), shape),
            ])
        { Precision = shape.Precision };
    }
}
