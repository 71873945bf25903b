namespace Inkling.Tests.Cli;

/// <summary>A test that needs signals of Unix, skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "signals cannot be sent on Windows" : null;
}

/// <summary>A theory that needs signals of Unix, skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "signals cannot be sent on Windows" : null;
}
