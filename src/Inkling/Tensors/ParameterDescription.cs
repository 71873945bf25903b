using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>What a layer says of a parameter it asks for.</summary>
public sealed record ParameterDescription
{
    /// <summary>Name in files, in GPT-2's style.</summary>
    public required string Name { get; init; }

    /// <summary>Rows; 1 for a vector.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns.</summary>
    public required int Columns { get; init; }

    /// <summary>Which side of a linear layer's matrix is the input.</summary>
    public WeightLayout Layout { get; init; } = WeightLayout.InputByOutput;

    /// <summary>First values.</summary>
    public Initialization Initialization { get; init; }

    /// <summary>Whether weight decay applies: to matrices and tables, not to biases and gains.</summary>
    public bool Decays { get; init; }

    /// <summary>Factor of the learning rate.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Shape as files give it: vectors have one dimension.</summary>
    public IReadOnlyList<int> FileShape => IsVector ? [Columns] : [Rows, Columns];

    /// <summary>True for biases and gains.</summary>
    public bool IsVector { get; init; }
}
