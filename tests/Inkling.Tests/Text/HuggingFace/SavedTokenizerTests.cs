using System.Text;
using Inkling.Formats;
using Inkling.Tests.Formats;
using Inkling.Tests.Text.Learning;
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

    /// <summary>Words of all kinds of characters, of which the rarest have to be spelled as bytes, through the folder that the command makes.</summary>
    [Fact]
    public void A_unigram_tokenizer_trained_on_random_text_survives()
    {
        var random = new Random(5);
        IEnumerable<Rune> rare = Enumerable.Range(0, 3_000).Select(_ => new Rune(random.Next(random.Next(2) == 0 ? 0x80 : 0xD800))).Where(rune => rune.Value != 0x2581);
        byte[] text = [.. RandomSentences.Make(50_000, seed: 6), .. Encoding.UTF8.GetBytes(string.Concat(rare))];
        Tokenizer tokenizer = new UnigramTrainer(new UnigramTrainingOptions { VocabularySize = 600 }).Train(text).Tokenizer;
        using var folder = new TemporaryFolder();
        TokenizerFiles.Save(folder.Path, tokenizer);
        Tokenizer loaded = TokenizerFiles.Load(folder.Path);

        Assert.Equal(tokenizer.Encode(text), loaded.Encode(text));
        Assert.Equal(tokenizer.DecodeBytes(tokenizer.Encode(text)), loaded.DecodeBytes(loaded.Encode(text)));
        Assert.Equal(text, loaded.DecodeBytes(loaded.Encode(text)));
        Law.Holds(RandomText.Strings, some => loaded.Encode(some).SequenceEqual(tokenizer.Encode(some)));
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
