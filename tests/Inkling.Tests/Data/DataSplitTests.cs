using System.Text;
using Inkling.Data;
using Inkling.Text;

namespace Inkling.Tests.Data;

public sealed class DataSplitTests
{
    [Theory]
    [InlineData(10, 9)]
    [InlineData(19, 17)]
    [InlineData(20, 18)]
    [InlineData(1_115_394, 1_003_854)] // Shakespeare, as nanoGPT's prepare.py prints it
    public void The_first_nine_tenths_train_rounded_down(int count, int training)
    {
        DataSplit split = Split(new string('a', count));

        Assert.Equal(training, split.Training.Length);
        Assert.Equal(count - training, split.Validation.Length);
    }

    [Fact]
    public void The_parts_follow_each_other_and_keep_their_byte_counts()
    {
        DataSplit split = Split("aé！\U0001F600é", validationFraction: 0.4);
        var training = new int[3];
        var validation = new int[2];
        split.Training.CopyTo(0, training);
        split.Validation.CopyTo(0, validation);

        Assert.Equal([0, 1, 2], training);
        Assert.Equal([3, 1], validation);
        Assert.Equal(1 + 2 + 3, split.TrainingByteCount);
        Assert.Equal(4 + 2, split.ValidationByteCount);
    }

    [Fact]
    public void Byte_counts_of_the_parts_add_up_to_the_text()
    {
        string text = string.Concat(Enumerable.Repeat("aé！\U0001F600\n", 2_000));
        DataSplit split = Split(text);

        Assert.Equal(Encoding.UTF8.GetByteCount(text), split.TrainingByteCount + split.ValidationByteCount);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    public void A_fraction_lies_between_0_and_1(double fraction)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Split("aaaa", fraction));
        Assert.Equal($"A validation fraction of {fraction} is not between 0 and 1. (Parameter 'validationFraction')", error.Message);
    }

    [Fact]
    public void A_part_that_is_shorter_than_a_window_and_its_next_token_is_refused()
    {
        DataSplit split = Split(new string('a', 50)); // 45 and 5

        split.RequireContext(4);
        Assert.Equal(
            "The validation part has 5 tokens, but a context of 5 needs at least 6. Take a longer text or a shorter context.",
            Assert.Throws<CorpusException>(() => split.RequireContext(5)).Message);
        Assert.Equal(
            "The training part has 45 tokens, but a context of 64 needs at least 65. Take a longer text or a shorter context.",
            Assert.Throws<CorpusException>(() => split.RequireContext(64)).Message);
    }

    [Fact]
    public void Data_of_another_tokenizer_is_noticed()
    {
        TokenData data = TokenData.From([0, 1, 2, 3], 4);

        Assert.Throws<UnknownTokenException>(() => DataSplit.Split(data, CharacterTokenizer.Train("ab"u8)));
    }

    private static DataSplit Split(string text, double validationFraction = 0.1)
    {
        CharacterTokenizer tokenizer = CharacterTokenizer.Train(Encoding.UTF8.GetBytes(text));
        return DataSplit.Split(TokenData.From(tokenizer.Encode(text), tokenizer.VocabularySize), tokenizer, validationFraction);
    }
}
