namespace Inkling.Kernels;

/// <summary>How a linear layer's matrix lies in memory.</summary>
public enum WeightLayout
{
    /// <summary>(inputs, outputs): y = x·W. GPT-2 files store theirs so.</summary>
    InputByOutput,

    /// <summary>(outputs, inputs): y = x·Wᵀ. Embedding tables used as the head, and PyTorch's Linear.</summary>
    OutputByInput,
}
