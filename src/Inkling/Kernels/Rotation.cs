namespace Inkling.Kernels;

/// <summary>Which way <see cref="IKernels.Rotate"/> turns.</summary>
public enum Rotation
{
    /// <summary>By the angle of the position.</summary>
    Forward,

    /// <summary>By the opposite angle, which undoes <see cref="Forward"/> and is its gradient.</summary>
    Inverse,
}
