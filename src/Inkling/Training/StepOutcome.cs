namespace Inkling.Training;

/// <summary>What became of a step.</summary>
public enum StepOutcome
{
    /// <summary>The parameters were updated.</summary>
    Applied,

    /// <summary>
    /// Loss or gradient was not finite, or the gradient longer than <see cref="Kernels.AdamSettings.LongestGradient"/>; the parameters stayed as they were.
    /// </summary>
    NotFinite,

    /// <summary>The loss was far above those before it, see <see cref="TrainingOptions.SpikeThreshold"/>; the parameters stayed as they were.</summary>
    Spike,
}
