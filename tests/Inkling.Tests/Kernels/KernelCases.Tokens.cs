using static Inkling.Tests.Kernels.Operand;

namespace Inkling.Tests.Kernels;

internal static partial class KernelCases
{
    /// <summary>Few tokens of a large table and many of a small one, which then repeat.</summary>
    private static IEnumerable<KernelCase> Embeddings()
        => from size in new[] { (M: 1, V: 1, C: 1), (M: 3, V: 65, C: 17), (M: 63, V: 3, C: 65), (M: 17, V: 127, C: 1), (M: 300, V: 17, C: 127) }
           from accumulate in new[] { false, true }
           select new KernelCase(
               $"Embed {size.M} of {size.V}×{size.C}{If(accumulate, "accumulate")}",
               (kernels, operands) =>
               {
                   kernels.Embed(operands["tokens"], operands["table"], operands["y"], accumulate);
                   kernels.EmbedBackward(operands["tokens"], operands["dy"], operands["dtable"], accumulate);
               },
               Indices("tokens", size.M, random => random.Next(size.V)),
               Input("table", size.V, size.C),
               Input("dy", size.M, size.C),
               Output("y", size.M, size.C, terms: 1, accumulate),
               Output("dtable", size.V, size.C, terms: size.M, accumulate));

    /// <summary>Moderate logits and ones whose exponentials overflow; a fifth of the targets counts nothing.</summary>
    private static IEnumerable<KernelCase> CrossEntropies()
        => from size in Matrices
           from range in new[] { 4, 1000 }
           select new KernelCase(
               $"CrossEntropy {size.M}×{size.C} of ±{range}",
               (kernels, operands) =>
               {
                   var (targets, weights) = (operands["targets"], operands["weights"]);
                   kernels.CrossEntropy(operands["logits"], targets, weights, operands["losses"], operands["dlogits"]);
                   kernels.CrossEntropy(operands["logits"], targets, weights, operands["losses alone"], default);
                   kernels.CrossEntropy(operands["in place"], targets, weights, operands["losses in place"], operands["in place"]);
               },
               Input("logits", size.M, size.C, Wide(range)),
               Indices("targets", size.M, random => random.Next(5) == 0 ? -1 : random.Next(size.C)),
               Input("weights", size.M, 1),
               Input("dlosses", size.M, 1, Constant(1)),
               Output("losses", size.M, 1),
               Output("dlogits", size.M, size.C),
               Output("losses alone", size.M, 1),
               Output("in place", size.M, size.C, accumulate: true),
               Output("losses in place", size.M, 1));
}
