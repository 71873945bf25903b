using Inkling.Cli;
using Inkling.Kernels.Cpu;
using Inkling.Models;
using Inkling.Training;

namespace Inkling.Tests.Cli;

public sealed class MemoryNeedTests
{
    private const double Gigabyte = 1e9;

    private static readonly GptConfig Baby = GptPresets.Shapes["baby"] with { VocabularySize = 65 };
    private static readonly TrainingOptions Recipe = Recipes.ByPreset["baby"];

    // The vectors of every processor, so that the figures are those of every machine.
    private static readonly CpuOptions Cpu = new() { ThreadCount = 2, InstructionSet = InstructionSet.Vector128 };

    [Fact]
    public void What_fits_is_not_refused()
    {
        var need = Need(Recipe);

        Assert.Null(need.Refusal(need.Memory.TotalBytes));
        Assert.NotNull(need.Refusal(need.Memory.TotalBytes - 1));
    }

    /// <summary>3 GB are what 64 sequences take.</summary>
    [Theory]
    [InlineData(2, 32)]
    [InlineData(1, 11)]
    [InlineData(0.7, 6)]
    public void A_refusal_offers_the_fewest_passes_that_fit(double gigabytes, int microBatch)
    {
        var bytes = gigabytes * Gigabyte;

        Assert.StartsWith(
            $"this needs about 3.09 GB of memory, and this machine has {Units.Bytes(bytes)}; --micro-batch-size {microBatch} takes about ",
            Need(Recipe).Refusal(bytes), StringComparison.Ordinal);
        Assert.InRange(Need(Recipe with { MicroBatchSize = microBatch }).Memory.TotalBytes, 0, 0.9 * bytes);
    }

    [Fact]
    public void A_refusal_offers_blocks_that_are_computed_again()
    {
        Assert.EndsWith("; --recompute takes about 1.25 GB, for 33 % more arithmetic", Need(Recipe).Refusal(2 * Gigabyte), StringComparison.Ordinal);
        Assert.EndsWith(
            "; --micro-batch-size 32 --recompute takes about 797 MB, for 33 % more arithmetic", Need(Recipe).Refusal(1 * Gigabyte), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_fits_a_refusal_says_why()
    {
        Assert.EndsWith("; weights, gradients and moments alone take 172 MB: choose a smaller model", Need(Recipe).Refusal(1e8), StringComparison.Ordinal);
        Assert.Matches(
            "; even --micro-batch-size 1 --recompute takes about .+ MB, for 33 % more arithmetic: choose a smaller model or context$", Need(Recipe).Refusal(2e8));
    }

    [Fact]
    public void Half_a_batch_and_blocks_computed_again_are_shown_beforehand()
    {
        string[] smaller = [.. Need(Recipe).Smaller];

        Assert.Equal(3, smaller.Length);
        Assert.Matches("^--micro-batch-size 32 takes about 1.7. GB$", smaller[0]);
        Assert.Matches("^--recompute takes about .+, for 33 % more arithmetic$", smaller[1]);
        Assert.Matches("^--micro-batch-size 32 --recompute takes about .+, for 33 % more arithmetic$", smaller[2]);
        Assert.Single(Need(Recipe with { Recompute = true }).Smaller);
        Assert.Empty(Need(Recipe with { Recompute = true, MicroBatchSize = 1 }).Smaller);
    }

    [Fact]
    public void The_price_of_blocks_computed_again_is_said_where_they_are()
    {
        Assert.Null(Need(Recipe).PriceOfRecompute);
        Assert.Equal("--recompute saves 1.84 GB for 33 % more arithmetic", Need(Recipe with { Recompute = true }).PriceOfRecompute);
    }

    private static MemoryNeed Need(TrainingOptions training) => new(Baby, training, Cpu);
}
