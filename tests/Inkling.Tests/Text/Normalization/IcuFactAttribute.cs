namespace Inkling.Tests.Text.Normalization;

/// <summary>A test that asks ICU, visibly skipped where the system has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IcuFactAttribute : FactAttribute
{
    public IcuFactAttribute() => Skip = Icu.IsPresent ? null : "no ICU (libicuuc) on this system";
}
