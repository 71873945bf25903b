using System.Text;
using Inkling.Text.HuggingFace;
using Inkling.Text.Normalization;
using Inkling.Text.Splitting;
using Inkling.Text.Subwords;

namespace Inkling.Text.Decoding;

/// <summary>
/// The <c>decoder</c> of a <c>tokenizer.json</c> as a table of what each token stands for. Decoding joins the entries of the table, so that streams, byte
/// counts and offsets cannot disagree; a decoder that cannot be put so is refused.
/// </summary>
internal sealed class TokenDecoding
{
    private const string Known = "Sequence, ByteLevel, Metaspace, WordPiece, Replace, ByteFallback, Fuse, Strip";
    private const int MaxStepCount = TokenizerPipeline.MaxStageCount;

    private readonly List<DecodingStep> _steps = [];
    private bool _showsBytes;
    private bool _joins; // what comes after Fuse sees the whole text

    private TokenDecoding()
    {
    }

    /// <summary>Decoding takes away a space at the beginning.</summary>
    public bool StripsLeadingSpace { get; private set; }

    /// <summary>Reads a decoder.</summary>
    /// <param name="part">The object; null where the file has none.</param>
    /// <param name="isByteLevel">Whether the model is one of bytes, which need no decoder to be joined.</param>
    /// <exception cref="TokenizerFormatException">It is none, or one that is not supported.</exception>
    public static TokenDecoding Read(JsonPart? part, bool isByteLevel)
    {
        var decoding = new TokenDecoding();
        if (part is { } decoder)
        {
            decoding.Add(decoder);
        }
        else if (isByteLevel)
        {
            decoding._showsBytes = true;
        }
        else
        {
            // Without a decoder tokens are joined by spaces.
            decoding._steps.Add(new WordPieceStep(prefix: "", cleans: false));
            decoding.StripsLeadingSpace = true;
        }

        return decoding;
    }

    /// <summary>The bytes that each token stands for.</summary>
    public byte[]?[] Apply(VocabularyTable table)
    {
        var bytes = new byte[]?[table.Names.Count];
        for (int id = 0; id < bytes.Length; id++)
        {
            if (table.Names[id] is { } name)
                bytes[id] = _showsBytes ? ByteAlphabet.TryRead(name) ?? Encoding.UTF8.GetBytes(name) : Apply(Encoding.UTF8.GetBytes(name));
        }

        // What is found in a text as a whole is that text.
        foreach (AddedToken token in _showsBytes ? table.Added : [])
            bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);

        return bytes;
    }

    private byte[] Apply(byte[] token) => _steps.Aggregate(token, (bytes, step) => step.Apply(bytes));

    // Sequences may lie as deep as the file's depth allows.
    private void Add(JsonPart part)
    {
        if (_steps.Count >= MaxStepCount)
            throw part.Error($"more than {MaxStepCount} steps of decoding");

        switch (part.Type)
        {
            case "Sequence":
                part.AllowFields("type", "decoders");
                foreach (JsonPart item in part.Field("decoders").Items())
                    Add(item);

                break;
            case "Fuse":
                part.AllowFields("type");
                _joins = true;
                break;
            case "ByteLevel":
                part.AllowFields("type", "add_prefix_space", "trim_offsets", "use_regex");
                DemandPerToken(part, _joins || _steps.Count > 0);
                _showsBytes = _joins = true;
                break;
            case "Replace":
                DemandPerToken(part, _showsBytes || (_joins && !IsOneCharacter(part.Field("pattern"))));
                _steps.Add(new ReplaceStep(Normalizers.Replace(part)));
                break;
            case "ByteFallback":
                part.AllowFields("type");
                DemandPerToken(part, _joins);
                _steps.Add(new ByteFallbackStep());
                break;
            case "Strip":
                AddStrip(part);
                break;
            case "Metaspace":
                AddMetaspace(part);
                break;
            case "WordPiece":
                part.AllowFields("type", "prefix", "cleanup");
                DemandPerToken(part, _joins || StripsLeadingSpace);
                _steps.Add(new WordPieceStep(part.Field("prefix").Text(), part.Flag("cleanup", absent: true)));
                StripsLeadingSpace = true;
                break;
            default:
                throw part.Unknown("decoder", Known);
        }
    }

    private void AddStrip(JsonPart part)
    {
        part.AllowFields("type", "content", "start", "stop");
        Rune content = part.Field("content").Character();
        (int start, int stop) = (part.Field("start").Number(), part.Field("stop").Number());
        if (!_joins)
        {
            _steps.Add(new StripStep(content, start, stop));
        }
        else if (start > 0 || stop > 0)
        {
            DemandPerToken(part, (start, stop) != (1, 0) || content.Value != ' ' || StripsLeadingSpace || _showsBytes);
            StripsLeadingSpace = true;
        }
    }

    private void AddMetaspace(JsonPart part)
    {
        part.AllowFields("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep");
        DemandPerToken(part, _joins || StripsLeadingSpace);
        _steps.Add(new ReplaceStep(new ReplaceNormalizer(part.Field("replacement").Character().ToString(), " ")));
        StripsLeadingSpace = MetaspaceStage.ReadPrepending(part) != MetaspaceStage.Prepending.Never;
    }

    private static bool IsOneCharacter(JsonPart pattern) =>
        pattern.Find("String") is { } text && Rune.TryGetRuneAt(text.Text() + " ", 0, out Rune first) && first.Utf16SequenceLength == text.Text().Length;

    private static void DemandPerToken(JsonPart part, bool isBroken)
    {
        if (isBroken)
            throw part.Error($"{part.Type} cannot be done token by token at this place, which alone is supported");
    }
}
