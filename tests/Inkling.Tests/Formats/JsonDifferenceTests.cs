using System.Text.Json.Nodes;
using Inkling.Formats;

namespace Inkling.Tests.Formats;

public sealed class JsonDifferenceTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":"x"}}""", """{"b":{"c":"x"},"a":1}""")]
    [InlineData("""{"a":0.001}""", """{"a":1e-3}""")]
    [InlineData("""{"a":null}""", "{}")]
    public void Equal_objects_do_not_differ(string saved, string current) => Assert.Empty(Between(saved, current));

    [Fact]
    public void Every_difference_is_named_with_both_values() =>
        Assert.Equal(
            ["rate was 0.001 and is 0.002", "adam.beta1 was 0.9 and is nothing", "adam.beta2 was nothing and is 0.99", "kind was \"a\" and is {}", "list was [1] and is [2]"],
            Between("""{"rate":0.001,"adam":{"beta1":0.9},"kind":"a","list":[1]}""", """{"rate":0.002,"adam":{"beta2":0.99},"kind":{},"list":[2]}"""));

    private static IEnumerable<string> Between(string saved, string current)
        => JsonDifference.Between(JsonNode.Parse(saved)!.AsObject(), JsonNode.Parse(current)!.AsObject());
}
