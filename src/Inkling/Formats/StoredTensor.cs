using Inkling.Tensors;

namespace Inkling.Formats;

/// <summary>A parameter, or some columns of one, under its name in a file; without a parameter, zeros that other tools want to find.</summary>
internal sealed record StoredTensor(string Name, IReadOnlyList<int> Shape, Parameter? Parameter)
{
    /// <summary>Where the columns begin.</summary>
    public int FirstColumn { get; init; }

    /// <summary>Whether the file has the parameter's columns as rows.</summary>
    public bool IsTransposed { get; init; }

    public long Count { get; } = Shape.Aggregate(1L, (count, size) => checked(count * size));
}
