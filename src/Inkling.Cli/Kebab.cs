using System.Text.RegularExpressions;

namespace Inkling.Cli;

/// <summary>Names as the command line writes them: <c>GeluTanh</c> is <c>gelu-tanh</c>.</summary>
internal static partial class Kebab
{
    public static string From(string name) => WordStart().Replace(name, "-$0").ToLowerInvariant();

    /// <summary>The names of an enum's members, in their order.</summary>
    public static IEnumerable<string> NamesOf<T>()
        where T : struct, Enum
        => Enum.GetNames<T>().Select(From);

    /// <summary>Finds the member that is called so.</summary>
    public static bool TryParse<T>(string text, out T value)
        where T : struct, Enum
    {
        var index = Array.IndexOf([.. NamesOf<T>()], text);
        value = index < 0 ? default : Enum.GetValues<T>()[index];
        return index >= 0;
    }

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();
}
