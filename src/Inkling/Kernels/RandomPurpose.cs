namespace Inkling.Kernels;

/// <summary>What a random number is for; draws for different purposes never share a counter.</summary>
public enum RandomPurpose : byte
{
    /// <summary>First values of the parameters.</summary>
    Initialization = 1,

    /// <summary>Where training windows begin.</summary>
    Windows = 2,

    /// <summary>Which activations are dropped.</summary>
    Dropout = 3,

    /// <summary>Which token comes next.</summary>
    Sampling = 4,

    /// <summary>Where the windows of the random-batch loss estimate begin.</summary>
    Evaluation = 5,

    /// <summary>What the built-in corpus says.</summary>
    Corpus = 6,
}
