namespace Inkling.Tests;

/// <summary>Finds the checkout that the tests were built from.</summary>
internal static class RepositoryFolder
{
    /// <summary>Full path of the folder that holds Inkling.slnx.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Inkling.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds Inkling.slnx.");
    }
}
