namespace Inkling.Training;

/// <summary>Where the time of training steps went; kernels that run late on another thread show as reading.</summary>
/// <param name="Data">Drawing windows and sending them.</param>
/// <param name="Forward">Forward passes, with the loss and, since that is computed along with it, the gradient of the head.</param>
/// <param name="Backward">Backward passes of all else.</param>
/// <param name="Optimizer">Norm, clipping, update and reading the result.</param>
public readonly record struct StepTimes(TimeSpan Data, TimeSpan Forward, TimeSpan Backward, TimeSpan Optimizer)
{
    /// <summary>All of it.</summary>
    public TimeSpan Total => Data + Forward + Backward + Optimizer;
}
