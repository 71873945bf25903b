using System.Diagnostics;
using Inkling.Tests.Training;

namespace Inkling.Tests.Documents;

public sealed class ReadmeExampleTests
{
    private static readonly string Sample = Path.Combine(RepositoryFolder.Root, "samples", "TrainAndWrite");

    [Fact]
    public void The_library_example_is_the_sample_that_is_compiled()
    {
        var program = File.ReadAllText(Path.Combine(Sample, "Program.cs"));
        Assert.Contains($"```csharp\n{program}```\n", File.ReadAllText(Path.Combine(RepositoryFolder.Root, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_library_example_trains_and_writes()
    {
        var folder = Directory.CreateTempSubdirectory("inkling-readme-").FullName;
        try
        {
            // The tests build it along, in the same configuration and for the same framework.
            var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            var program = Path.Combine(Sample, "bin", output.Parent!.Name, output.Name, "TrainAndWrite.dll");
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
            Assert.StartsWith("step 100: ", lines[0], StringComparison.Ordinal);
            Assert.StartsWith("step 300: ", lines[2], StringComparison.Ordinal);
            Assert.Equal(200, string.Join('\n', lines[3..]).Length);
            Assert.True(File.Exists(Path.Combine(folder, "runs", "mytext", "model.safetensors")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
