namespace Inkling.Tests;

/// <summary>A test that is skipped, with the reason, where a file of <see cref="TestData"/> is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithDataAttribute : FactAttribute
{
    public FactWithDataAttribute(params string[] names) => Skip = TestData.ReasonToSkip(names);
}
