namespace Inkling.Tests;

public sealed class TestDataTests
{
    [Fact]
    public void A_missing_file_is_named_in_the_reason()
    {
        Assert.Equal("no no-such-file.txt in ../shared/data", TestData.ReasonToSkip("no-such-file.txt"));
        Assert.Equal("no no-such-file.txt in ../shared/data", new FactWithDataAttribute("no-such-file.txt").Skip);
        Assert.Equal("no no-such-file.txt in ../shared/data", new TheoryWithDataAttribute("no-such-file.txt").Skip);
    }

    [Fact]
    public void A_test_that_needs_nothing_is_not_skipped() => Assert.Null(new FactWithDataAttribute().Skip);

    [FactWithData("shakespeare.txt")]
    public void Shakespeare_is_the_text_of_the_tutorials()
    {
        // The file that nanoGPT trains on: 1,115,394 characters, all ASCII, 65 of them distinct.
        byte[] text = File.ReadAllBytes(TestData.PathOf("shakespeare.txt"));

        Assert.Equal(1_115_394, text.Length);
        Assert.Equal(65, text.Distinct().Count());
    }
}
