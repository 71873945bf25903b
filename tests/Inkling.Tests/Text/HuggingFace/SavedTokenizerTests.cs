using System.Text;
using Inkling.Text;
using Inkling.Text.Learning;

namespace Inkling.Tests.Text.HuggingFace;

/// <summary>What trainers and other loaders give is saved as <c>tokenizer.json</c> and comes back as it was.</summary>
public sealed class SavedTokenizerTests
{
    private const string Corpus = "shakespeare.txt";

    [TheoryWithData(Corpus)]
    [InlineData("gpt2")]
    [InlineData("gpt4")]
    [InlineData("qwen2")]
    public void A_trained_byte_level_tokenizer_survives(string pattern)
    {
        var options = new BytePairTrainingOptions { VocabularySize = 1_000, Pattern = pattern, SpecialTokens = ["<|endoftext|>", "<|pad|>"] };
        Survives(new BytePairTrainer(options).Train(new MemoryStream(Text)).Tokenizer);
    }

    [TheoryWithData(Corpus)]
    [InlineData(true)]
    [InlineData(false)]
    public void A_trained_unigram_tokenizer_survives(bool fallsBackToBytes)
    {
        var options = new UnigramTrainingOptions { VocabularySize = 800, FallsBackToBytes = fallsBackToBytes };
        Survives(new UnigramTrainer(options).Train(new MemoryStream(Text)).Tokenizer);
    }

    [FactWithData("gpt2.tiktoken", Corpus)]
    public void GPT_2_of_a_tiktoken_file_survives()
    {
        using FileStream stream = File.OpenRead(TestData.PathOf("gpt2.tiktoken"));
        Survives(TiktokenFile.Load(stream));
    }

    private static byte[] Text => File.ReadAllBytes(TestData.PathOf(Corpus))[..200_000];

    private static void Survives(Tokenizer tokenizer)
    {
        byte[] saved = TokenizerFile.Save(tokenizer);
        Tokenizer loaded = TokenizerFile.Load(saved);

        Assert.True(saved.AsSpan().SequenceEqual(TokenizerFile.Save(loaded)), "saved again it is another file");
        Assert.Equal(tokenizer.AddedTokens, loaded.AddedTokens);
        Assert.Equal(tokenizer.Encode(Text), loaded.Encode(Text));
        Assert.Equal(tokenizer.Decode(tokenizer.Encode(Text)), loaded.Decode(loaded.Encode(Text)));
        const SpecialTokenUse Use = SpecialTokenUse.Recognize | SpecialTokenUse.Add;
        Law.Holds(RandomText.Strings, text =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes($"{text} <s>the <|endoftext|> King's 1234 words{text}");
            return loaded.Encode(bytes, Use).SequenceEqual(tokenizer.Encode(bytes, Use));
        });
    }
}
