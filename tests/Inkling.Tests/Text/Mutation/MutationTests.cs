using Inkling.Text;
using Xunit.Abstractions;

namespace Inkling.Tests.Text.Mutation;

/// <summary>
/// Damages good files of one kind for 20 seconds in CI, 2 elsewhere, and demands of every one that it loads, and then encodes and decodes, or gives a
/// typed error; in bounded time and memory. A kind is a class of its own, so that kinds run beside each other:
/// <code>
/// public sealed class SomeKindMutationTests(ITestOutputHelper log) : MutationTests(log)
/// {
///     protected override byte[][] Samples => [good file, another];
///     protected override Tokenizer Load(byte[] file) => SomeKind.Load(new MemoryStream(file));
/// }
/// </code>
/// </summary>
public abstract class MutationTests(ITestOutputHelper log)
{
    private const int Seed = 20_251_126;

    /// <summary>Good files; a small one is damaged where it matters sooner than a large one.</summary>
    protected abstract byte[][] Samples { get; }

    /// <summary>Pieces that mean something in such files, to be put anywhere.</summary>
    protected virtual byte[][] Fragments => [];

    /// <summary>Loads a file.</summary>
    protected abstract Tokenizer Load(byte[] file);

    [Fact]
    public void A_damaged_file_loads_and_works_or_gives_a_typed_error()
    {
        Assert.All(Samples, sample => Load(sample));
        var run = new MutationRun(new FileMutator(Seed, Samples, Fragments), Load);
        string? failure = run.Run(TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("CI") == "true" ? 20 : 2));

        Assert.True(failure is null, failure);
        log.WriteLine($"{run.Count} files, of which {run.LoadedCount} loaded.");
        Assert.InRange(run.LoadedCount, 1, run.Count - 1);
    }
}
