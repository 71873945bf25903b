using System.Text;
using Inkling.Text.Decoding;
using Inkling.Text.Normalization;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text;

/// <summary>
/// Reads the <c>vocab.txt</c> of BERT: a token a line, its id the number of the line from 0 on. Texts begin with <c>[CLS]</c> and end with <c>[SEP]</c> where
/// the caller wants that.
/// </summary>
public static class WordPieceTokenizer
{
    private const string FileKind = "vocab.txt";
    private const int MaxByteCount = 1 << 26;
    private const int MaxTokenBytes = 1024;
    private const string Prefix = "##";
    private const string Unknown = "[UNK]";
    private const string Begin = "[CLS]";
    private const string End = "[SEP]";
    private const int LongestWord = 100; // in characters; BERT's own limit

    private static readonly string[] Special = ["[PAD]", Unknown, Begin, End, "[MASK]"];

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="stream">The file, read to its end and left open.</param>
    /// <param name="options">What to do with a text first.</param>
    /// <exception cref="TokenizerFormatException">The file is not such a vocabulary; the message says what and in which line.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static Tokenizer Load(Stream stream, WordPieceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new WordPieceOptions();
        string[] names = Parse(TokenizerStream.ReadAll(stream, FileKind, MaxByteCount));
        int[] special = [.. Special.Select(name => Array.IndexOf(names, name))];
        int unknownId = special[1];
        string?[] texts = [.. names.Select((name, id) => id != unknownId && special.Contains(id) ? null : name)];
        var step = new WordPieceStep(Prefix, cleans: true);
        return new PipelineTokenizer(new TokenizerPipeline
        {
            Tokens = Array.ConvertAll(names, name => step.Apply(Encoding.UTF8.GetBytes(name))),
            Stages =
            [
                new BertNormalizer { Lowercases = options.Lowercases, StripsAccents = options.StripsAccents, SeparatesChinese = options.SeparatesChinese },
                new WordSplitter(WordSplitter.Kind.BertPreTokenizer),
            ],
            NormalizerCount = 1,
            Model = new WordPieceModel(texts, unknownId, Prefix, LongestWord),
            Added = [.. special.Where(id => id >= 0).Order().Select(id => new AddedToken(names[id], id))],
            Prefix = special[2] < 0 ? [] : [special[2]],
            Suffix = special[3] < 0 ? [] : [special[3]],
            LeadingSpace = LeadingSpace.FirstTokenLosesIt,
            Decoder = WordPieceStep.Describe(Prefix, cleans: true),
        });
    }

    private static string[] Parse(ReadOnlySpan<byte> file)
    {
        var names = new List<string>();
        var known = new HashSet<string>();
        if (file.EndsWith("\n"u8))
            file = file[..^1];

        foreach (Range range in file.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = file[range].TrimEnd((byte)'\r');
            int number = names.Count + 1;
            if (line.IsEmpty || line.Length > MaxTokenBytes)
                throw Bad(number, $"a token has 1 to {MaxTokenBytes} bytes, found {line.Length}");

            string name = Decode(line, number);
            if (!known.Add(name))
                throw Bad(number, $"token {Quoted.Text(name)} is there twice");

            names.Add(name);
        }

        return known.Contains(Unknown) ? [.. names] : throw Bad(names.Count, $"no token {Unknown}");
    }

    private static string Decode(ReadOnlySpan<byte> line, int number)
    {
        try
        {
            Utf8Text.Validate(line);
        }
        catch (InvalidTextException e)
        {
            throw Bad(number, e.Message);
        }

        return Encoding.UTF8.GetString(line);
    }

    private static TokenizerFormatException Bad(int line, string problem) => new(FileKind, $"line {line}", problem);
}
