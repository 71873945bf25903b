using System.Text;
using Inkling.Text;

namespace Inkling.Tests.Text.Mutation;

/// <summary>That the search for bad loaders finds them.</summary>
public class MutationRunTests
{
    private static readonly FileMutator Mutator = new(seed: 5, [Encoding.UTF8.GetBytes("{\"a\": 0, \"b\": [1, 2]}\n"), Encoding.UTF8.GetBytes("12345\n678")], []);

    [Fact]
    public void The_same_seed_damages_in_the_same_way()
    {
        var again = new FileMutator(seed: 5, [Encoding.UTF8.GetBytes("{\"a\": 0, \"b\": [1, 2]}\n"), Encoding.UTF8.GetBytes("12345\n678")], []);

        Assert.All(Enumerable.Range(0, 300), number => Assert.Equal(Mutator.Next(number), again.Next(number)));
        Assert.InRange(Enumerable.Range(0, 300).Select(number => Convert.ToBase64String(Mutator.Next(number))).Distinct().Count(), 200, 300);
    }

    [Fact]
    public void Damage_reaches_long_files_deep_nests_and_large_numbers()
    {
        string[] files = [.. Enumerable.Range(0, 3_000).Select(number => Encoding.Latin1.GetString(Mutator.Next(number)))];

        Assert.All(files, file => Assert.InRange(file.Length, 0, 1 << 18));
        Assert.Contains(files, file => file.Length > 100_000);
        Assert.Contains(files, file => file.Contains(new string('[', 1 << 12)));
        Assert.Contains(files, file => file.Contains("2147483648"));
        Assert.Contains(files, file => file.Length == 0);
    }

    [Fact]
    public void A_good_loader_passes()
    {
        var run = new MutationRun(Mutator, file => file.Length % 2 == 0 ? ByteTokenizer.Create() : throw new TokenizerFormatException("file", "$", "odd"));

        Assert.Null(run.Run(TimeSpan.FromSeconds(0.3)));
        Assert.InRange(run.LoadedCount, 1, run.Count - 1);
    }

    [Fact]
    public void Another_error_is_reported_with_seed_and_file()
    {
        string? failure = new MutationRun(Mutator, file => file.Length > 60 ? throw new IndexOutOfRangeException() : ByteTokenizer.Create()).Run(TimeSpan.FromSeconds(30));

        Assert.Matches(@"^File \d+ of seed 5 gives System.IndexOutOfRangeException", failure);
        Assert.True(Convert.FromBase64String(failure!.Split('\n')[^1]).Length > 60);
    }

    [Fact]
    public void A_message_of_several_lines_is_reported() =>
        Assert.Contains(
            "gives a message that is no line: file, $: a\nb",
            new MutationRun(Mutator, _ => throw new TokenizerFormatException("file", "$", "a\nb")).Run(TimeSpan.FromSeconds(30)));

    [Fact]
    public void Too_much_memory_is_reported() =>
        Assert.Contains(
            "allocates 65 MiB, more than 64",
            new MutationRun(Mutator, _ => new byte[65 << 20].Length > 0 ? throw new TokenizerFormatException("file", "$", "large") : null!).Run(TimeSpan.FromSeconds(30)));

    [Fact]
    public void Too_much_time_is_reported()
    {
        var run = new MutationRun(Mutator, Slow) { MaxTime = TimeSpan.FromMilliseconds(20) };

        Assert.Matches(@"takes 0\.[1-9] s, more than 0\.02", run.Run(TimeSpan.FromSeconds(30)));

        static Tokenizer Slow(byte[] file)
        {
            Thread.Sleep(150);
            throw new TokenizerFormatException("file", "$", "slow");
        }
    }

    [Fact]
    public void A_loader_without_end_is_reported()
    {
        using var end = new ManualResetEventSlim();
        var run = new MutationRun(Mutator, Hang) { Patience = TimeSpan.FromSeconds(1) };

        Assert.Contains("does not come to an end", run.Run(TimeSpan.FromSeconds(0.1)));
        end.Set();

        Tokenizer Hang(byte[] file)
        {
            end.Wait();
            throw new TokenizerFormatException("file", "$", "late");
        }
    }
}
