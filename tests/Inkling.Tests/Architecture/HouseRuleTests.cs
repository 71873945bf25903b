using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Inkling.Tests.Architecture;

public sealed partial class HouseRuleTests(ITestOutputHelper output)
{
    private const BindingFlags StaticFields =
        BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static int _mutable;

    [Fact]
    public void Unsafe_code_lives_in_Kernels_only() =>
        AssertNone(SourceFile.Below("src")
            .Where(file => !file.Path.StartsWith("src/Inkling/Kernels/", StringComparison.Ordinal))
            .SelectMany(file => file.Matches(Unsafe())));

    [Fact]
    public void The_library_never_writes_to_the_console() =>
        AssertNone(SourceFile.Below("src/Inkling").SelectMany(file => file.Matches(ConsoleUse())));

    [Fact]
    public void The_library_reads_no_environment_variables() =>
        AssertNone(SourceFile.Below("src/Inkling").SelectMany(file => file.Matches(EnvironmentVariable())));

    [Fact]
    public void The_library_has_no_mutable_static_fields() =>
        AssertNone(MutableStatics(Assembly.Load("Inkling")));

    [Fact]
    public void A_mutable_static_field_is_found()
    {
        _mutable++;

        Assert.Contains($"{typeof(HouseRuleTests).FullName}.{nameof(_mutable)}", MutableStatics(typeof(HouseRuleTests).Assembly));
    }

    [Fact]
    public void A_scan_sees_code_and_neither_comments_nor_strings()
    {
        const string Source = """
            // unsafe in a comment
            string a = "unsafe"; /* unsafe
            unsafe */ char quote = '"'; unsafe { }
            string b = @"C:\"; string c = "\" unsafe";
            """;

        string[] lines = SourceFile.WithoutCommentsAndStrings(Source).Split('\n');

        Assert.Equal(["", "string a = ; ", " char quote = ; unsafe { }", "string b = ; string c = ;"], lines.Select(line => line.TrimEnd('\r')));
    }

    [Fact]
    public void The_ten_largest_files_are_printed()
    {
        (int Lines, string Path)[] files =
            [.. SourceFile.Below("src").Select(file => (file.Text.Count(character => character == '\n'), file.Path)).OrderDescending()];

        foreach ((int lines, string path) in files.Take(10))
            output.WriteLine($"{lines,5} {path}");
        output.WriteLine($"{files.Sum(file => file.Lines),5} lines in {files.Length} files");

        Assert.NotEmpty(files);
    }

    private static IEnumerable<string> MutableStatics(Assembly assembly) =>
        assembly.GetTypes()
            .Where(type => !IsGenerated(type))
            .SelectMany(type => type.GetFields(StaticFields))
            .Where(field => !field.IsInitOnly && !field.IsLiteral)
            .Select(field => $"{field.DeclaringType!.FullName}.{field.Name}");

    /// <summary>Closures, caches of delegates and the like, which the compiler writes. A property's own field counts as ours.</summary>
    private static bool IsGenerated(Type type) =>
        type.Name.StartsWith('<')
        || type.IsDefined(typeof(CompilerGeneratedAttribute))
        || type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute))
        || (type.DeclaringType is { } outer && IsGenerated(outer));

    private static void AssertNone(IEnumerable<string> offences)
    {
        string[] all = [.. offences];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }

    [GeneratedRegex(@"\bunsafe\b|\bUnsafe\s*\.")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"\bConsole\s*\.")]
    private static partial Regex ConsoleUse();

    [GeneratedRegex(@"\bEnvironment\s*\.\s*(Get|Set|Expand)EnvironmentVariable")]
    private static partial Regex EnvironmentVariable();
}
