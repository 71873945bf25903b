namespace Inkling.Kernels.Reference;

/// <summary>The source itself: nothing is packed, so nothing grows stale.</summary>
internal sealed class ReferenceWeight(MatrixView source, WeightLayout layout, Precision precision) : PreparedWeight(source, layout, precision);
