using FsCheck.Fluent;
using Inkling.Data;
using Inkling.Tests.Text;

namespace Inkling.Tests.Data;

public sealed class ValidationWindowsTests
{
    [Fact]
    public void Ten_tokens_in_windows_of_4_and_batches_of_2_make_two_batches()
    {
        var windows = new ValidationWindows(Counting(10), contextLength: 4, batchSize: 2);
        var inputs = new int[windows.MaxTokenCount];
        var targets = new int[windows.MaxTokenCount];

        Assert.Equal(2, windows.BatchCount);
        Assert.Equal(9, windows.TokenCount);

        Assert.Equal(new WindowBatch(RowCount: 2, Length: 4), windows.Fill(0, inputs, targets));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], inputs);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], targets);

        Assert.Equal(new WindowBatch(RowCount: 1, Length: 1), windows.Fill(1, inputs, targets));
        Assert.Equal(8, inputs[0]);
        Assert.Equal(9, targets[0]);
    }

    [Fact]
    public void Every_token_but_the_first_is_predicted_exactly_once_and_from_the_one_before_it() =>
        Law.Holds(
            Gen.Choose(2, 60).SelectMany(n => Gen.Choose(1, 20).SelectMany(T => Gen.Choose(1, 8).Select(B => (n, T, B)))),
            sample =>
            {
                var windows = new ValidationWindows(Counting(sample.n), sample.T, sample.B);
                var inputs = new int[windows.MaxTokenCount];
                var targets = new int[windows.MaxTokenCount];
                List<int> predicted = [];
                bool shaped = windows.TokenCount == sample.n - 1;
                for (long i = 0; i < windows.BatchCount; i++)
                {
                    WindowBatch batch = windows.Fill(i, inputs, targets);
                    bool last = i == windows.BatchCount - 1;
                    shaped &= batch.RowCount >= 1 && batch.RowCount <= sample.B && (batch.Length == sample.T || (last && batch.RowCount == 1 && batch.Length < sample.T));
                    shaped &= targets.Take(batch.TokenCount).SequenceEqual(inputs.Take(batch.TokenCount).Select(token => token + 1));
                    predicted.AddRange(targets[..batch.TokenCount]);
                }

                return shaped && predicted.SequenceEqual(Enumerable.Range(1, sample.n - 1));
            },
            cases: 1_000);

    [Fact]
    public void Filling_allocates_nothing()
    {
        var windows = new ValidationWindows(Counting(1_000), contextLength: 8, batchSize: 4);
        var inputs = new int[windows.MaxTokenCount];
        var targets = new int[windows.MaxTokenCount];
        windows.Fill(0, inputs, targets);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (long i = 0; i < windows.BatchCount; i++)
            windows.Fill(i, inputs, targets);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Nothing_can_be_predicted_in_a_text_of_one_token() =>
        Assert.Equal(
            "A loss needs at least 2 tokens of text, but there is 1.",
            Assert.Throws<CorpusException>(() => new ValidationWindows(Counting(1), 4, 2)).Message);

    [Fact]
    public void Absurd_sizes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ValidationWindows(Counting(9), 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ValidationWindows(Counting(9), 4, 0));
        Assert.Throws<OverflowException>(() => new ValidationWindows(Counting(9), int.MaxValue, 2));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_batch_that_is_not_there_is_refused(long index)
    {
        var windows = new ValidationWindows(Counting(10), 4, 2);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => windows.Fill(index, new int[8], new int[8]));
        Assert.Equal($"There is no batch {index}; there are 2. (Parameter 'index')", error.Message);
    }

    [Fact]
    public void Spans_that_are_too_short_are_refused() =>
        Assert.Equal(
            "A batch of 8 tokens does not fit into 8 inputs and 7 targets.",
            Assert.Throws<ArgumentException>(() => new ValidationWindows(Counting(10), 4, 2).Fill(0, new int[8], new int[7])).Message);

    private static TokenData Counting(int count) => TokenData.From([.. Enumerable.Range(0, count)], count);
}
