using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text;

/// <summary>
/// Reads the vocabulary of a byte-level tokenizer from a <c>.tiktoken</c> file: a line for each token, its bytes in base64 and its rank, which is its id too.
/// Two neighbours may merge where what they make is a token, and the token of the lowest rank is made first.
/// </summary>
public static class TiktokenFile
{
    private const string FileKind = ".tiktoken";
    private const int MaxByteCount = 1 << 26;
    private const int MaxTokenLength = 256; // the longest of the published ones has 128 bytes

    // Published vocabularies are told by their size: the file does not say how text is split, nor what the special tokens are.
    private static readonly KnownVocabulary[] Known =
    [
        new(50_256, SplitPattern.Gpt2, [new("<|endoftext|>", 50_256)]),
        new(100_256, SplitPattern.Gpt4,
        [
            new("<|endoftext|>", 100_257), new("<|fim_prefix|>", 100_258), new("<|fim_middle|>", 100_259), new("<|fim_suffix|>", 100_260),
            new("<|endofprompt|>", 100_276),
        ]),
        new(128_000, SplitPattern.Llama3, Llama3Tokens()),
        new(199_998, SplitPattern.Gpt4o, [new("<|endoftext|>", 199_999), new("<|endofprompt|>", 200_018)]),
    ];

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="stream">The file, read to its end and left open.</param>
    /// <param name="pattern">
    /// Name of the pattern that splits text: gpt2, gpt4, gpt4o, llama3 or qwen2. Null takes that of the published vocabulary of this size, with its special tokens,
    /// and GPT-2's for any other.
    /// </param>
    /// <exception cref="TokenizerFormatException">The file is not such a vocabulary; the message says what and where.</exception>
    /// <exception cref="ArgumentException">There is no such pattern.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static Tokenizer Load(Stream stream, string? pattern = null)
    {
        SplitPattern? wanted = pattern is null ? null : SplitPattern.ByName(pattern);
        byte[][] tokens = Parse(TokenizerStream.ReadAll(stream, FileKind, MaxByteCount));
        KnownVocabulary? known = wanted is null ? Known.FirstOrDefault(vocabulary => vocabulary.TokenCount == tokens.Length) : null;
        AddedToken[] special = known?.Special ?? [];
        var all = new byte[]?[Math.Max(tokens.Length, special.Select(token => token.Id + 1).Append(0).Max())];
        tokens.CopyTo(all, 0);
        foreach (AddedToken token in special)
            all[token.Id] = Encoding.UTF8.GetBytes(token.Content);

        return new PipelineTokenizer(new TokenizerPipeline
        {
            Tokens = all,
            Stages = [wanted ?? known?.Pattern ?? SplitPattern.Gpt2],
            Model = new BytePairModel(tokens, MergesOf(tokens), takesWholePieces: true),
            Added = special,
        });
    }

    private static byte[][] Parse(ReadOnlySpan<byte> file)
    {
        var tokens = new List<byte[]?>();
        var known = new HashSet<byte[]>(BytesComparer.Instance);
        int line = 0;
        foreach (Range range in file.Split((byte)'\n'))
        {
            line++;
            ReadOnlySpan<byte> text = file[range].TrimEnd((byte)'\r');
            if (text.IsEmpty)
                continue;

            int space = text.IndexOf((byte)' ');
            if (space <= 0)
                throw Bad(line, "expected a token in base64, a space and its rank");

            byte[] token = Decode(text[..space], line);
            if (!int.TryParse(text[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int rank) || rank > file.Length)
                throw Bad(line, $"the rank of a token must be a number from 0 to the number of tokens, found {Show(text[(space + 1)..])}");

            if (!known.Add(token))
                throw Bad(line, $"token {Show(text[..space])} is there twice");

            while (tokens.Count <= rank)
                tokens.Add(null);

            if (tokens[rank] is not null)
                throw Bad(line, $"rank {rank} is there twice");

            tokens[rank] = token;
        }

        if (tokens.IndexOf(null) is >= 0 and var gap)
            throw Bad(line, $"no token has the rank {gap}");

        for (int value = 0; value < 256; value++)
        {
            if (!known.Contains([(byte)value]))
                throw Bad(line, $"no token for the single byte 0x{value:X2}");
        }

        return [.. tokens!];
    }

    private static byte[] Decode(ReadOnlySpan<byte> base64, int line)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, bytes, out int read, out int length) != OperationStatus.Done || read != base64.Length || length == 0)
            throw Bad(line, $"{Show(base64)} is not base64");

        return length <= MaxTokenLength ? bytes[..length] : throw Bad(line, $"a token of {length} bytes; {MaxTokenLength} are the most");
    }

    // Every way to cut a token into two of lower rank.
    private static Merge[] MergesOf(byte[][] tokens)
    {
        var ids = new Dictionary<byte[], int>(tokens.Length, BytesComparer.Instance);
        for (int id = 0; id < tokens.Length; id++)
            ids.Add(tokens[id], id);

        var find = ids.GetAlternateLookup<ReadOnlySpan<byte>>();
        var merges = new List<Merge>(3 * tokens.Length);
        for (int id = 0; id < tokens.Length; id++)
        {
            ReadOnlySpan<byte> token = tokens[id];
            for (int cut = 1; cut < token.Length; cut++)
            {
                if (find.TryGetValue(token[..cut], out int left) && find.TryGetValue(token[cut..], out int right))
                    merges.Add(new Merge(left, right, id, id));
            }
        }

        return [.. merges];
    }

    private static AddedToken[] Llama3Tokens()
    {
        var named = new Dictionary<int, string>
        {
            [0] = "<|begin_of_text|>",
            [1] = "<|end_of_text|>",
            [6] = "<|start_header_id|>",
            [7] = "<|end_header_id|>",
            [9] = "<|eot_id|>",
        };
        int reserved = 0;
        return [.. Enumerable.Range(0, 256).Select(i => new AddedToken(named.GetValueOrDefault(i) ?? $"<|reserved_special_token_{reserved++}|>", 128_000 + i))];
    }

    private static TokenizerFormatException Bad(int line, string problem) => new(FileKind, $"line {line}", problem);

    private static string Show(ReadOnlySpan<byte> text) => Quoted.Text(Encoding.Latin1.GetString(text));

    private sealed record KnownVocabulary(int TokenCount, SplitPattern Pattern, AddedToken[] Special);
}
