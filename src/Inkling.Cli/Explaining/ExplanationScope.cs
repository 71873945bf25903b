using Inkling.Models;

namespace Inkling.Cli.Explaining;

/// <summary>What of an explanation is shown.</summary>
/// <param name="Layer">This layer alone; null for all.</param>
/// <param name="Head">This head alone, with its working; null for all.</param>
/// <param name="Last">The last tokens; null for as many as can be read.</param>
internal sealed record ExplanationScope(int? Layer, int? Head, int? Last)
{
    /// <summary>Larger matrices are hard to read.</summary>
    public const int ReadableTokens = 24;

    /// <summary>The layers or heads to show out of so many.</summary>
    public static IEnumerable<int> Of(int? only, int count) => only is { } one ? [one] : Enumerable.Range(0, count);

    /// <summary>Checks the scope against a model.</summary>
    /// <exception cref="UsageException">There is no such layer or head.</exception>
    public void Check(GptConfig model)
    {
        Check("--layer", Layer, "layers", model.LayerCount);
        Check("--head", Head, "heads", model.HeadCount);
    }

    private static void Check(string option, int? value, string things, int count)
    {
        if (value is { } number && number >= count)
        {
            throw new UsageException($"{option} is {number}; the model has {things} 0 to {count - 1}");
        }
    }
}
