namespace Inkling.Training;

/// <summary>How the learning rate goes from its highest to its lowest value after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine wave (Loshchilov and Hutter, "SGDR", 2017).</summary>
    Cosine,

    /// <summary>A straight line.</summary>
    Linear,

    /// <summary>It stays at its highest value.</summary>
    Constant,
}
