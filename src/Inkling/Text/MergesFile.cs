using System.Text;
using System.Text.Json;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text;

/// <summary>
/// Reads a byte-level tokenizer from the two files that GPT-2 was published with: <c>vocab.json</c>, the id of each token, and <c>merges.txt</c>, the merges
/// in their order, one a line. In both a byte is written as a printable character, such as Ġ for a space.
/// </summary>
public static class MergesFile
{
    private const string VocabularyKind = "vocab.json";
    private const string MergesKind = "merges.txt";
    private const int MaxByteCount = 1 << 26;

    /// <summary>Reads a vocabulary. Tokens that no merge makes are special ones, as <c>&lt;|endoftext|&gt;</c> is in GPT-2's.</summary>
    /// <param name="vocabulary">The <c>vocab.json</c>, read to its end and left open.</param>
    /// <param name="merges">The <c>merges.txt</c>, read to its end and left open.</param>
    /// <param name="pattern">Name of the pattern that splits text: gpt2, gpt4, gpt4o, llama3 or qwen2.</param>
    /// <exception cref="TokenizerFormatException">A file is damaged, or they do not belong together; the message says what and where.</exception>
    /// <exception cref="ArgumentException">There is no such pattern.</exception>
    /// <exception cref="IOException">A stream cannot be read.</exception>
    public static Tokenizer Load(Stream vocabulary, Stream merges, string pattern = "gpt2")
    {
        SplitPattern splitter = SplitPattern.ByName(pattern);
        Dictionary<string, int> ids = ReadVocabulary(TokenizerStream.ReadAll(vocabulary, VocabularyKind, MaxByteCount));
        Merge[] made = [.. ReadMerges(TokenizerStream.ReadAll(merges, MergesKind, MaxByteCount), ids)];
        HashSet<int> results = [.. made.Select(merge => merge.Result)];
        var tokens = new byte[ids.Count][];
        var model = new byte[]?[ids.Count];
        var special = new List<AddedToken>();
        foreach ((string text, int id) in ids)
        {
            byte[]? bytes = ByteAlphabet.TryRead(text);
            bool isMade = bytes is not null && (bytes.Length == 1 || results.Contains(id));
            tokens[id] = isMade ? bytes! : Encoding.UTF8.GetBytes(text);
            model[id] = isMade ? bytes : null;
            if (!isMade)
                special.Add(new AddedToken(text, id));
        }

        return new PipelineTokenizer(new TokenizerPipeline
        {
            Tokens = tokens,
            Stages = [splitter],
            Model = new BytePairModel(model, made, takesWholePieces: false),
            Added = [.. special.OrderBy(token => token.Id)],
        });
    }

    private static Dictionary<string, int> ReadVocabulary(ReadOnlySpan<byte> json)
    {
        var ids = new Dictionary<string, int>();
        var taken = new HashSet<int>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 2 });
        try
        {
            Utf8Text.Validate(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw Bad(ref reader, "expected an object of tokens and ids");

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string token = reader.GetString()!;
                if (token.Length == 0)
                    throw Bad(ref reader, "a token is empty");

                if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id < 0)
                    throw Bad(ref reader, $"expected an id for {Quoted.Text(token)}");

                if (!ids.TryAdd(token, id))
                    throw Bad(ref reader, $"token {Quoted.Text(token)} is there twice");

                if (!taken.Add(id))
                    throw Bad(ref reader, $"id {id} is there twice");
            }

            while (reader.Read())
            {
                // What follows the object is an error that the reader finds.
            }
        }
        catch (InvalidTextException e)
        {
            throw new TokenizerFormatException(VocabularyKind, $"byte {e.Offset}", e.Message);
        }
        catch (InvalidOperationException)
        {
            throw Bad(ref reader, "an escape stands for half a character (a lone surrogate)");
        }
        catch (JsonException)
        {
            throw Bad(ref reader, "not valid JSON");
        }

        if (ids.Count == 0)
            throw new TokenizerFormatException(VocabularyKind, "byte 0", "there is no token");

        return ids.MaxBy(entry => entry.Value) is { Value: var last, Key: var key } && last >= ids.Count
            ? throw new TokenizerFormatException(VocabularyKind, $"token {Quoted.Text(key)}", $"has the id {last}, but {ids.Count} tokens have ids from 0 to {ids.Count - 1}")
            : ids;
    }

    private static List<Merge> ReadMerges(ReadOnlySpan<byte> file, Dictionary<string, int> ids)
    {
        var merges = new List<Merge>();
        int line = 0;
        foreach (Range range in file.Split((byte)'\n'))
        {
            line++;
            ReadOnlySpan<byte> bytes = file[range].TrimEnd((byte)'\r');
            if (bytes.IsEmpty || (line == 1 && bytes.StartsWith("#version"u8)))
                continue;

            string text = Encoding.UTF8.GetString(bytes);
            string[] parts = text.Split(' ');
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                throw Bad(line, $"expected two tokens with a space between, found {Quoted.Text(text)}");

            merges.Add(new Merge(Find(parts[0]), Find(parts[1]), Find(parts[0] + parts[1]), merges.Count));
        }

        return merges;

        int Find(string token) => ids.TryGetValue(token, out int id) && ByteAlphabet.TryRead(token) is not null
            ? id
            : throw Bad(line, $"{Quoted.Text(token)} is no token of {VocabularyKind}");
    }

    private static TokenizerFormatException Bad(ref Utf8JsonReader reader, string problem) => new(VocabularyKind, $"byte {reader.TokenStartIndex}", problem);

    private static TokenizerFormatException Bad(int line, string problem) => new(MergesKind, $"line {line}", problem);
}
