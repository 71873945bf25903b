using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Training;

/// <summary>Adam with decoupled weight decay over the flat parameters; its moments are all its state.</summary>
public sealed class AdamOptimizer(ParameterStore parameters, TrainingOptions options) : IDisposable
{
    private readonly ParameterRange[] _ranges = [.. parameters.Ranges()];

    /// <summary>Running means of the gradient, laid out like the parameters.</summary>
    public DeviceBuffer FirstMoments { get; } = parameters.CreateMirror();

    /// <summary>Running means of the squared gradient.</summary>
    public DeviceBuffer SecondMoments { get; } = parameters.CreateMirror();

    /// <summary>
    /// Queues the norm of the gradient and one update, which the device leaves out when loss or norm is not finite or the loss too high.
    /// </summary>
    /// <param name="gradients">Gradients of the step.</param>
    /// <param name="control">(1, 4): the loss on entry; loss, norm, flag of the update and clip factor on exit.</param>
    /// <param name="learningRate">Learning rate of the step.</param>
    /// <param name="update">Number of the update, from 1.</param>
    /// <param name="largestLoss">Highest loss with which there is an update; may be infinite.</param>
    public void Step(GradientStore gradients, MatrixView control, double learningRate, long update, double largestLoss)
    {
        var kernels = parameters.Kernels;
        for (var i = 0; i < _ranges.Length; i++)
        {
            kernels.SumSquares(_ranges[i].In(gradients.Buffer), control.SliceColumns(1, 1), accumulate: i > 0);
        }

        kernels.Guard(control, options.ClipNorm, largestLoss);
        foreach (var range in _ranges)
        {
            var settings = new AdamSettings
            {
                LearningRate = learningRate * range.LearningRateScale,
                Beta1 = options.Beta1,
                Beta2 = options.Beta2,
                Epsilon = options.Epsilon,
                WeightDecay = range.Decays ? options.WeightDecay : 0,
                Update = update,
            };
            kernels.Adam(
                settings, range.In(parameters.Values), range.In(gradients.Buffer), range.In(FirstMoments), range.In(SecondMoments), control);
        }

        parameters.Invalidate();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
    }
}
