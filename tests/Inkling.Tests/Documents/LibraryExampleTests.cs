using System.Diagnostics;
using Inkling.Tests.Training;

namespace Inkling.Tests.Documents;

/// <summary>The programs that documents show are the samples that are compiled, and they do what is said.</summary>
public sealed class LibraryExampleTests
{
    [Theory]
    [InlineData("README.md", "TrainAndWrite")]
    [InlineData("docs/tokenizers.md", "Tokenize")]
    public void The_example_of_a_document_is_the_sample_that_is_compiled(string document, string sample)
    {
        var program = File.ReadAllText(Path.Combine(FolderOf(sample), "Program.cs"));
        Assert.Contains($"```csharp\n{program}```\n", File.ReadAllText(Path.Combine(RepositoryFolder.Root, document)), StringComparison.Ordinal);
    }

    [Fact]
    public Task The_example_of_the_readme_trains_and_writes() => Run("TrainAndWrite", (folder, lines) =>
    {
        Assert.StartsWith("step 100: ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("step 300: ", lines[2], StringComparison.Ordinal);
        Assert.Equal(200, string.Join('\n', lines[3..]).Length);
        Assert.True(File.Exists(Path.Combine(folder, "runs", "mytext", "model.safetensors")));
    });

    [Fact]
    public Task The_example_of_tokenizers_trains_and_encodes() => Run("Tokenize", (folder, lines) =>
    {
        Assert.Matches("^[0-9 ]+$", lines[0]);
        Assert.Equal("the ink<|endoftext|>", lines[1]);
        Assert.Contains(": bytes 0 to ", lines[2], StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "tokenizers", "mytext", "tokenizer.json")));
    });

    private static string FolderOf(string sample) => Path.Combine(RepositoryFolder.Root, "samples", sample);

    private static async Task Run(string sample, Action<string, string[]> check)
    {
        var folder = Directory.CreateTempSubdirectory("inkling-sample-").FullName;
        try
        {
            // The tests build it along, in the same configuration and for the same framework.
            var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            var program = Path.Combine(FolderOf(sample), "bin", output.Parent!.Name, output.Name, $"{sample}.dll");
            File.WriteAllText(Path.Combine(folder, "mytext.txt"), TinyTraining.Text);
            using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet", [program])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n');
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await errors);
            check(folder, lines);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
