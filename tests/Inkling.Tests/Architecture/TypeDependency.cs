namespace Inkling.Tests.Architecture;

/// <summary>One place where a type of an assembly uses another type of the same assembly.</summary>
/// <param name="From">Full name of the outermost type that holds the place.</param>
/// <param name="Member">The member that holds it; null for the type's own declaration.</param>
/// <param name="To">Full name of the outermost type that is used.</param>
internal sealed record TypeDependency(string From, string? Member, string To)
{
    public override string ToString() => Member is null ? $"{From} -> {To}" : $"{From}.{Member} -> {To}";
}
