using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>Neighbouring elements of the flat buffers that the optimizer treats alike.</summary>
/// <param name="From">First element.</param>
/// <param name="To">One past the last.</param>
/// <param name="Decays">Whether weight decay applies.</param>
/// <param name="LearningRateScale">Factor of the learning rate.</param>
public readonly record struct ParameterRange(long From, long To, bool Decays, double LearningRateScale)
{
    /// <summary>The range in a buffer, (1, n).</summary>
    public MatrixView In(DeviceBuffer buffer)
    {
        var count = checked((int)(To - From));
        return new MatrixView(buffer, From, 1, count, count);
    }
}
