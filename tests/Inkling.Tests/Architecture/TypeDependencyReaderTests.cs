namespace Inkling.Tests.Architecture;

public sealed class TypeDependencyReaderTests
{
    private const string Root = "Inkling.Tests.Architecture.Fixture";

    private static readonly IReadOnlyList<TypeDependency> Dependencies =
        TypeDependencyReader.Read(typeof(TypeDependencyReaderTests).Assembly.Location);

    [Theory]
    [InlineData("BodyOnly", "Call", "Calculator")]
    [InlineData("ISignatureOnly", "Take", "Machine")]
    [InlineData("GenericSignature", "Find", "Machine")]
    [InlineData("FieldOnly", "Held", "Machine")]
    [InlineData("DerivedClass", null, "Machine")]
    [InlineData("Implementation", null, "IShape")]
    [InlineData("Constrained`1", null, "IShape")]
    [InlineData("Marked", null, "MarkAttribute")]
    [InlineData("MarkedParameter", "Take", "MarkAttribute")]
    [InlineData("AttributeArgument", "One", "Machine")]
    [InlineData("LocalOnly", "Size", "Point")]
    [InlineData("TypeToken", "Get", "Machine")]
    [InlineData("GenericMethod", "Get", "Machine")]
    [InlineData("Caught", "Try", "BrokenException")]
    [InlineData("InLambda", "Make", "Calculator")]
    [InlineData("InIterator", "Count", "Calculator")]
    [InlineData("AfterSwitch", "Choose", "Calculator")]
    [InlineData("Outer", "Inner.Call", "Calculator")]
    public void Every_way_of_using_a_type_is_seen(string from, string? member, string to) =>
        Assert.Contains(new TypeDependency($"{Root}.Lower.{from}", member, $"{Root}.Upper.{to}"), Dependencies);

    [Fact]
    public void A_type_that_uses_nothing_above_depends_on_nothing_above() =>
        Assert.DoesNotContain(Dependencies, dependency =>
            dependency.From == $"{Root}.Lower.Clean" && LayerRules.LayerOf(dependency.To, Root) == "Upper");

    [Fact]
    public void An_arrow_that_points_up_is_a_violation_with_both_ends_named()
    {
        Dictionary<string, string[]> allowed = new() { ["Lower"] = [], ["Upper"] = ["Lower"] };

        string[] violations = [.. LayerRules.Violations(Dependencies, allowed, Root).Select(violation => violation.ToString())];

        Assert.Contains($"{Root}.Lower.BodyOnly.Call -> {Root}.Upper.Calculator", violations);
        Assert.Contains($"{Root}.Lower.ISignatureOnly.Take -> {Root}.Upper.Machine", violations);
        Assert.DoesNotContain(violations, violation => violation.StartsWith($"{Root}.Lower.Clean", StringComparison.Ordinal));
    }

    [Fact]
    public void An_arrow_that_points_down_is_no_violation()
    {
        Dictionary<string, string[]> allowed = new() { ["Upper"] = [], ["Lower"] = ["Upper"] };

        Assert.Empty(LayerRules.Violations(Dependencies, allowed, Root));
    }

    [Theory]
    [InlineData("Inkling.Kernels.Cpu.Pool", "Kernels")]
    [InlineData("Inkling.Text.CharacterTokenizer", "Text")]
    [InlineData("Inkling.Stray", null)]
    [InlineData("InklingOther.Text.X", null)]
    [InlineData("<Module>", null)]
    public void A_layer_is_the_first_namespace_segment_below_the_root(string typeName, string? layer) =>
        Assert.Equal(layer, LayerRules.LayerOf(typeName));
}
