using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Inkling.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text;

/// <summary>Byte-level vocabularies from <c>.tiktoken</c> files; the expected ids are those that OpenAI's tiktoken gives.</summary>
public sealed class TiktokenFileTests
{
    private const string Gpt2Name = "gpt2.tiktoken";

    [TheoryWithData(Gpt2Name)]
    [InlineData("Inkling learns to write: 12345 words, it's said — they'll see!", "818 74 1359 22974 284 3551 25 17031 2231 2456 11 340 338 531 851 484 1183 766 0")]
    [InlineData("Über Größe läßt sich streiten;", "127 250 527 1902 9101 39683 68 300 11033 39683 83 264 488 1937 270 268 26")]
    [InlineData("Мама мыла раму", "140 250 16142 43108 16142 12466 120 45035 30143 16142 220 21169 16142 43108 35072")]
    [InlineData("墨水从笔尖流出，写成一行诗。", "161 95 101 36365 112 20015 236 163 105 242 22887 244 38184 223 49035 118 171 120 234 37863 247 22755 238 31660 26193 234 46237 245 16764")]
    [InlineData("잉크가 종이에 번진다.", "168 252 231 169 223 105 166 108 222 23821 95 227 35975 112 168 245 238 31619 110 230 168 100 226 46695 97 13")]
    [InlineData("الحبر يجف ببطء على الورق", "23525 148 255 39848 26897 18923 232 148 105 149 223 17550 101 39848 148 115 148 94 17550 117 13862 149 231 28981 30335 26897 149 224")]
    [InlineData("👩‍🚀 writes 🖋️ on 🏳️‍🌈!", "41840 102 447 235 8582 248 222 6797 12520 244 233 37929 319 12520 237 111 37929 447 235 8582 234 230 0")]
    [InlineData("e\u0301 \u00a0\u2003x  \n \n\n  y'S don't DON'T", "68 136 223 5624 447 225 87 220 220 198 220 628 220 331 6 50 836 470 23917 6 51")]
    [InlineData(
        "for (int i = 0; i < n; i++)\n{\n    sum += xs[i] * 0.5f; // half\n}\n\n\treturn sum;",
        "1640 357 600 1312 796 657 26 1312 1279 299 26 1312 29577 198 90 198 220 220 220 2160 15853 2124 82 58 72 60 1635 657 13 20 69 26 3373 2063 198 92 628 197 7783 2160 26")]
    [InlineData("<|endoftext|>", "27 91 437 1659 5239 91 29")]
    public void Gpt2_gives_the_ids_of_gpt2(string text, string ids)
    {
        Tokenizer tokenizer = Gpt2();
        Assert.Equal(ids, string.Join(' ', tokenizer.Encode(text)));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [TheoryWithData(Gpt2Name, "shakespeare.txt", "multi30k/train.de")]
    [InlineData("shakespeare.txt", 338_025, "0c00ab83dc7f46665805762aa7688fb7852f03f28c4a5d84061871e85ea7c815")]
    [InlineData("multi30k/train.de", 833_242, "5ef366d1be86333d9fd5b29783c56161513b32e409e9bcd4232c922f707c7022")]
    [InlineData("multi30k/train.en", 428_856, "34b254626542a1676639b9ab69f9ddad4a14cad36bf508bcfd2ee0b6e5b09e7a")]
    public void Gpt2_gives_the_ids_of_gpt2_on_whole_files(string name, int count, string sha256)
    {
        byte[] text = File.ReadAllBytes(TestData.PathOf(name));
        Tokenizer tokenizer = Gpt2();
        int[] ids = tokenizer.Encode(text);

        Assert.Equal((count, sha256), (ids.Length, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(ids.AsSpan())))));
        Assert.Equal(text, tokenizer.DecodeBytes(ids));
        Assert.Equal(ids, tokenizer.EncodeInParallel(text, threadCount: 3).SelectMany(piece => piece));
        var pieces = new List<int>();
        tokenizer.Encode(text, piece => pieces.AddRange(piece));
        Assert.Equal(ids, pieces);
    }

    [FactWithData(Gpt2Name)]
    public void Offsets_cover_the_text_without_a_gap()
    {
        byte[] text = Encoding.UTF8.GetBytes("Ink, ink—\U0001F58B\uFE0F and 12 more…\n");
        TokenSpan[] spans = Gpt2().EncodeWithOffsets(text);

        Assert.Equal(Gpt2().Encode(text), spans.Select(span => span.Id));
        int end = 0;
        foreach (TokenSpan span in spans)
        {
            Assert.Equal(end, span.Start);
            end += span.Length;
        }

        Assert.Equal(text.Length, end);
    }

    [FactWithData(Gpt2Name)]
    public void Gpt2_has_its_special_token_only_where_the_caller_allows_it()
    {
        Tokenizer tokenizer = Gpt2();
        Assert.Equal(50_257, tokenizer.VocabularySize);
        Assert.Equal([64, 50_256, 65], tokenizer.Encode("a<|endoftext|>b", SpecialTokenUse.Recognize));
        Assert.Equal("a<|endoftext|>b", tokenizer.Decode([64, 50_256, 65]));
        Assert.DoesNotContain(50_256, tokenizer.Encode("a<|endoftext|>b"));
    }

    [FactWithData(Gpt2Name)]
    public void Random_bytes_come_back()
    {
        Tokenizer tokenizer = Gpt2();
        var random = new Random(11);
        for (int length = 0; length < 3_000; length += random.Next(1, 60))
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.Equal(bytes, tokenizer.DecodeBytes(tokenizer.Encode(bytes)));
        }
    }

    [FactWithData(Gpt2Name, "shakespeare.txt")]
    public void Steady_encoding_allocates_only_its_result()
    {
        Tokenizer tokenizer = Gpt2();
        byte[] text = File.ReadAllBytes(TestData.PathOf("shakespeare.txt")).AsSpan(0, 100_000).ToArray();
        long allocated = long.MaxValue;
        int[] ids = [];
        for (int round = 0; round < 20; round++)
        {
            // The least of several: code that is not compiled to its end yet allocates a little here and there.
            long before = GC.GetAllocatedBytesForCurrentThread();
            ids = tokenizer.Encode(text);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(allocated, 4 * ids.Length, (4 * ids.Length) + 64); // the header of the array
    }

    [TheoryWithData(Gpt2Name)]
    [InlineData("^")]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("\U0001F600")]
    [InlineData("'s")]
    [InlineData("\u0301")]
    [InlineData("ab")]
    public void A_million_bytes_of_one_thing_are_encoded_at_once(string unit)
    {
        // A quadratic encoder takes minutes for these; the test would not end.
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(unit, 1_000_000 / Encoding.UTF8.GetByteCount(unit))));
        Tokenizer tokenizer = Gpt2();
        Assert.Equal(text, tokenizer.DecodeBytes(tokenizer.Encode(text)));
    }

    [Fact]
    public void A_small_vocabulary_merges_where_the_concatenation_is_a_token()
    {
        Tokenizer tokenizer = Load(Bytes() + Line("ab", 256) + Line("abc", 257) + Line("bc", 258));
        Assert.Equal([257], tokenizer.Encode("abc"));
        Assert.Equal([258, 257], tokenizer.Encode("bcabc"));
        Assert.Equal(["ab", "c"], tokenizer.Explain("abc").Pieces.Single().Merges.Select(merge => merge.Right == "b" ? "ab" : merge.Right));
    }

    [Fact]
    public void Vocabularies_of_any_tokens_merge_as_the_concatenations_say()
    {
        // Tokens in any order of ranks, some that nothing leads to: whatever two neighbours make, of the lowest rank and the leftmost, until there is none.
        var random = new Random(12);
        for (int round = 0; round < 200; round++)
        {
            string[] tokens = [.. Enumerable.Range(0, 14).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 6)).Select(_ => "abc"[random.Next(3)]))).Distinct()];
            string[] ordered = round % 2 == 0 ? [.. tokens.OrderBy(token => token.Length)] : tokens;
            Tokenizer tokenizer = Load(Bytes() + string.Concat(ordered.Select((token, rank) => Line(token, 256 + rank))));
            for (int i = 0; i < 30; i++)
            {
                string text = string.Concat(Enumerable.Range(0, random.Next(1, 150)).Select(_ => "abc"[random.Next(3)]));
                Assert.Equal(ByDefinition(text, ordered), tokenizer.Encode(text).Select(id => tokenizer.Decode([id])));
            }
        }
    }

    [FactWithData(Gpt2Name)]
    public void Gpt2_is_encoded_in_linear_time() =>
        Assert.True(Assert.IsType<BytePairModel>(Assert.IsType<PipelineTokenizer>(Gpt2()).Pipeline.Model).IsLinear);

    [Fact]
    public void Lines_may_end_as_on_Windows_and_come_in_any_order() =>
        Assert.Equal([256], Load(Line("ab", 256).Replace("\n", "\r\n", StringComparison.Ordinal) + Bytes()).Encode("ab"));

    [Theory]
    [InlineData("x", "line 257: expected a token in base64, a space and its rank")]
    [InlineData(" 256", "line 257: expected a token in base64, a space and its rank")]
    [InlineData("YWI= ", "line 257: the rank of a token must be a number from 0 to the number of tokens, found \"\"")]
    [InlineData("YWI= -1", "line 257: the rank of a token must be a number from 0 to the number of tokens, found \"-1\"")]
    [InlineData("YWI= 2147483648", "line 257: the rank of a token must be a number from 0 to the number of tokens, found \"2147483648\"")]
    [InlineData("YWI= 2000000000", "line 257: the rank of a token must be a number from 0 to the number of tokens, found \"2000000000\"")]
    [InlineData("Y!I= 256", "line 257: \"Y!I=\" is not base64")]
    [InlineData("YWI 256", "line 257: \"YWI\" is not base64")]
    [InlineData("YQ== 256", "line 257: token \"YQ==\" is there twice")]
    [InlineData("YWI= 7", "line 257: rank 7 is there twice")]
    [InlineData("YWI= 258", "line 258: no token has the rank 256")]
    public void What_is_wrong_is_said_with_its_line(string line, string problem)
    {
        var error = Assert.Throws<TokenizerFormatException>(() => Load(Bytes() + line + "\n"));
        Assert.Equal($".tiktoken, {problem}", error.Message);
    }

    [Fact]
    public void Every_single_byte_must_be_there() =>
        Assert.Equal(
            ".tiktoken, line 256: no token for the single byte 0xFF",
            Assert.Throws<TokenizerFormatException>(() => Load(Bytes()[..^Line("x", 255).Length])).Message);

    [Fact]
    public void A_token_has_at_most_256_bytes() =>
        Assert.Equal(
            ".tiktoken, line 257: a token of 257 bytes; 256 are the most",
            Assert.Throws<TokenizerFormatException>(() => Load(Bytes() + Line(new string('a', 257), 256))).Message);

    [Fact]
    public void An_endless_file_is_not_read_to_its_end() =>
        Assert.Equal(
            ".tiktoken, byte 67108864: longer than 67108864 bytes, the most there may be",
            Assert.Throws<TokenizerFormatException>(() => TiktokenFile.Load(new EndlessStream())).Message);

    [Fact]
    public void An_unknown_pattern_is_an_error() =>
        Assert.Throws<ArgumentException>(() => TiktokenFile.Load(new MemoryStream(), "gpt9"));

    // As tiktoken does it: a piece that is a token is that token; else merge by merge.
    private static List<string> ByDefinition(string text, string[] tokens)
    {
        if (tokens.Contains(text))
            return [text];

        List<string> parts = [.. text.Select(letter => letter.ToString())];
        while (true)
        {
            var (rank, at) = Enumerable.Range(0, parts.Count - 1)
                .Select(at => (Rank: Array.IndexOf(tokens, parts[at] + parts[at + 1]), At: at))
                .Where(found => found.Rank >= 0).DefaultIfEmpty((-1, -1)).Min();
            if (rank < 0)
                return parts;

            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }
    }

    private static Tokenizer Gpt2()
    {
        using FileStream file = File.OpenRead(TestData.PathOf(Gpt2Name));
        return TiktokenFile.Load(file);
    }

    private static Tokenizer Load(string file) => TiktokenFile.Load(new MemoryStream(Encoding.ASCII.GetBytes(file)));

    private static string Bytes() => string.Concat(Enumerable.Range(0, 256).Select(value => $"{Convert.ToBase64String([(byte)value])} {value}\n"));

    private static string Line(string token, int rank) => $"{Convert.ToBase64String(Encoding.UTF8.GetBytes(token))} {rank}\n";
}
