namespace Inkling.Tests;

/// <summary>A theory that is skipped, with the reason, where a file of <see cref="TestData"/> is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithDataAttribute : TheoryAttribute
{
    public TheoryWithDataAttribute(params string[] names) => Skip = TestData.ReasonToSkip(names);
}
