namespace Inkling.Tests;

/// <summary>Finds the texts that are too large for the repository, in <c>shared/data</c> beside it.</summary>
internal static class TestData
{
    /// <summary>Full path of the folder, whether it exists or not.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(RepositoryFolder.Root, "..", "shared", "data"));

    /// <summary>Full path of a file or folder there, whether it exists or not.</summary>
    public static string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Why a test that needs <paramref name="names"/> has to be skipped, or null when all of them are there.</summary>
    public static string? ReasonToSkip(params string[] names)
    {
        string[] missing = [.. names.Where(name => !Path.Exists(PathOf(name)))];
        return missing.Length == 0 ? null : $"no {string.Join(", ", missing)} in ../shared/data";
    }
}
