using System.Text.Json.Nodes;

namespace Inkling.Formats;

/// <summary>Names the fields in which two JSON objects differ.</summary>
public static class JsonDifference
{
    /// <summary>One line per field, such as <c>optimizer.beta1 was 0.9 and is 0.95</c>, in the order of the saved object.</summary>
    public static IEnumerable<string> Between(JsonObject saved, JsonObject current) => Between(saved, current, "");

    private static IEnumerable<string> Between(JsonObject saved, JsonObject current, string prefix)
        => saved.Select(field => field.Key).Union(current.Select(field => field.Key)).SelectMany(name =>
        {
            var (before, now) = (saved[name], current[name]);
            return (before, now) switch
            {
                (JsonObject a, JsonObject b) => Between(a, b, $"{prefix}{name}."),
                _ when JsonNode.DeepEquals(before, now) => [],
                _ => (IEnumerable<string>)[$"{prefix}{name} was {Show(before)} and is {Show(now)}"],
            };
        });

    private static string Show(JsonNode? value) => value?.ToJsonString() ?? "nothing";
}
