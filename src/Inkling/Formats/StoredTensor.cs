using Inkling.Tensors;

namespace Inkling.Formats;

/// <summary>A parameter under its name in a file; without a parameter, zeros that other tools want to find.</summary>
internal sealed record StoredTensor(string Name, IReadOnlyList<int> Shape, Parameter? Parameter)
{
    public long Count { get; } = Shape.Aggregate(1L, (count, size) => checked(count * size));
}
