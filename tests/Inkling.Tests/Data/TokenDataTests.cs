using Inkling.Data;

namespace Inkling.Tests.Data;

public sealed class TokenDataTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(65_536, 2)]
    [InlineData(65_537, 4)]
    [InlineData(int.MaxValue, 4)]
    public void A_token_takes_16_bits_while_that_is_enough(int vocabularySize, int bytesPerToken)
    {
        TokenData data = TokenData.From([0, vocabularySize - 1], vocabularySize);

        Assert.Equal(bytesPerToken, data.BytesPerToken);
        Assert.Equal(vocabularySize, data.VocabularySize);
        Assert.Equal([0, vocabularySize - 1], Read(data));
    }

    [Theory]
    [InlineData(65_536)]
    [InlineData(100_000)]
    public void Every_stretch_reads_back_across_the_edges_of_chunks(int vocabularySize)
    {
        // Three chunks of 65,536 and a bit.
        int[] ids = [.. Enumerable.Range(0, 200_000).Select(i => (int)(i * 2_654_435_761L % vocabularySize))];
        TokenData data = TokenData.From(ids, vocabularySize);

        Assert.Equal(ids, Read(data));
        foreach (int start in new[] { 0, 65_535, 65_536, 131_000, 199_999 })
            Assert.Equal(ids.Skip(start).Take(70_000), Read(data.Slice(start, Math.Min(70_000, 200_000 - start))));
    }

    [Fact]
    public void A_slice_of_a_slice_counts_from_its_own_start()
    {
        TokenData data = TokenData.From([0, 1, 2, 3, 4, 5, 6, 7], 8).Slice(2, 5).Slice(1, 3);
        var two = new int[2];
        data.CopyTo(1, two);

        Assert.Equal(3, data.Length);
        Assert.Equal([3, 4, 5], Read(data));
        Assert.Equal([4, 5], two);
        Assert.Equal(0, data.Slice(3, 0).Length);
    }

    [Fact]
    public void What_is_built_later_does_not_change_what_was_built_before()
    {
        var builder = new TokenDataBuilder(10);
        builder.Append([1, 2]);
        TokenData before = builder.Build();
        builder.Append([]);
        builder.Append([3]);

        Assert.Equal([1, 2], Read(before));
        Assert.Equal([1, 2, 3], Read(builder.Build()));
        Assert.Throws<ArgumentOutOfRangeException>(() => before.CopyTo(2, new int[1]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(65_536)]
    public void An_id_outside_the_vocabulary_is_refused_with_its_place(int id)
    {
        var builder = new TokenDataBuilder(10);
        builder.Append([1, 2]);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => builder.Append([3, id]));
        Assert.Equal($"Token 3 has the id {id}; valid ids are 0 to 9. (Parameter 'ids')", error.Message);
        Assert.Equal(2, builder.Build().Length);
    }

    [Fact]
    public void A_vocabulary_has_at_least_one_token() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenDataBuilder(0));

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 5)]
    [InlineData(4, 1)]
    [InlineData(5, 0)]
    [InlineData(long.MaxValue, 2)]
    [InlineData(0, -1)]
    [InlineData(1, long.MaxValue)]
    public void A_stretch_that_is_not_inside_is_refused(long start, long length)
    {
        TokenData data = TokenData.From([0, 1, 2, 3], 4);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => data.Slice(start, length));
        Assert.Equal($"{length} tokens from {start} on are not inside a sequence of 4 tokens. (Parameter 'start')", error.Message);
        if (length is >= 0 and < 10)
            Assert.Throws<ArgumentOutOfRangeException>(() => data.CopyTo(start, new int[length]));
    }

    private static int[] Read(TokenData data)
    {
        var ids = new int[data.Length];
        data.CopyTo(0, ids);
        return ids;
    }
}
