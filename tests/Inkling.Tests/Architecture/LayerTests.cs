using System.Reflection;
using System.Runtime.CompilerServices;

namespace Inkling.Tests.Architecture;

public sealed class LayerTests
{
    private static readonly Assembly Library = Assembly.Load("Inkling");

    [Fact]
    public void Arrows_point_down_only()
    {
        TypeDependency[] violations =
            [.. LayerRules.Violations(TypeDependencyReader.Read(Library.Location), LayerRules.Allowed)];

        Assert.True(violations.Length == 0, $"These point up:\n{string.Join('\n', violations.AsEnumerable())}");
    }

    [Fact]
    public void Every_type_belongs_to_a_layer()
    {
        string[] strays = [.. Library.GetTypes()
            .Where(type => type.DeclaringType is null && $"{type.Namespace}.".StartsWith("Inkling.", StringComparison.Ordinal))
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Where(type => LayerRules.LayerOf(type.FullName!) is not { } layer || !LayerRules.Allowed.ContainsKey(layer))
            .Select(type => type.FullName!)];

        Assert.True(strays.Length == 0, $"These are in no layer of {nameof(LayerRules)}:\n{string.Join('\n', strays)}");
    }

    [Fact]
    public void The_rules_allow_no_circle()
    {
        List<string> remaining = [.. LayerRules.Allowed.Keys];
        while (remaining.Count > 0)
        {
            int removed = remaining.RemoveAll(layer => !LayerRules.Allowed[layer].Any(remaining.Contains));
            Assert.True(removed > 0, $"In a circle: {string.Join(", ", remaining)}");
        }
    }
}
