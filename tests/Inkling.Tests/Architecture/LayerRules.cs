namespace Inkling.Tests.Architecture;

/// <summary>Which layer may use which: the arrows of docs/architecture.md.</summary>
internal static class LayerRules
{
    /// <summary>Each layer of the library, with the layers below it that it may use.</summary>
    public static IReadOnlyDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>
    {
        ["Kernels"] = [],
        ["Tensors"] = ["Kernels"],
        ["Layers"] = ["Tensors", "Kernels"],
        ["Models"] = ["Layers", "Tensors", "Kernels"],
        ["Text"] = [],
        ["Data"] = ["Text", "Kernels"],
        ["Formats"] = ["Models", "Layers", "Tensors", "Kernels", "Text"],
        ["Generation"] = ["Models", "Layers", "Tensors", "Kernels", "Text"],
        ["Training"] = ["Generation", "Formats", "Models", "Layers", "Tensors", "Kernels", "Data", "Text"],
    };

    /// <summary>The namespace segment after <paramref name="root"/>, or null for a type that is not below it.</summary>
    public static string? LayerOf(string typeName, string root = "Inkling")
    {
        if (!typeName.StartsWith(root + ".", StringComparison.Ordinal))
            return null;

        string[] segments = typeName[(root.Length + 1)..].Split('.');
        return segments.Length > 1 ? segments[0] : null;
    }

    /// <summary>The dependencies that go from one layer to another that it may not use.</summary>
    public static IEnumerable<TypeDependency> Violations(
        IEnumerable<TypeDependency> dependencies, IReadOnlyDictionary<string, string[]> allowed, string root = "Inkling") =>
        dependencies.Where(dependency =>
            LayerOf(dependency.From, root) is { } from
            && LayerOf(dependency.To, root) is { } to
            && from != to
            && !(allowed.TryGetValue(from, out string[]? below) && below.Contains(to)));
}
