using Inkling.Tests.Text.HuggingFace;
using Inkling.Tests.Training;
using Inkling.Text;

namespace Inkling.Tests.Text;

/// <summary>What a tokenizer keeps from one text to the next.</summary>
[Collection(nameof(AllocationTests))]
public sealed class SessionMemoryTests
{
    [Fact]
    public void The_memory_that_a_very_long_text_took_is_not_kept()
    {
        Tokenizer tokenizer = TokenizerFile.OfCharacters().Load();
        byte[] text = new byte[20_000_000];
        Array.Fill(text, (byte)'a');
        tokenizer.Encode("a");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        tokenizer.Encode(text, _ => { });

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, text.Length / 2);
    }

    [Fact]
    public void A_text_may_be_encoded_while_another_is_and_after_one_that_failed()
    {
        Tokenizer tokenizer = TokenizerFile.OfBytes().Load();
        var ids = new List<int>();
        tokenizer.Encode("hello"u8, some => ids.AddRange([.. some, .. tokenizer.Encode("he")]));
        Assert.Equal([.. tokenizer.Encode("hello"), .. tokenizer.Encode("he")], ids);

        Assert.Throws<InvalidDataException>(() => tokenizer.Encode("hello"u8, _ => throw new InvalidDataException()));
        Assert.Throws<InvalidDataException>(() => tokenizer.Encode("hello"u8, _ => throw new InvalidDataException()));
        Assert.Equal("hello", tokenizer.Decode(tokenizer.Encode("hello")));
    }
}
