using System.Text;
using System.Text.Unicode;
using Inkling.Text.Normalization;
using Inkling.Text.Subwords;

namespace Inkling.Text.SentencePiece;

/// <summary>What a SentencePiece <c>.model</c> file says, a protobuf <c>ModelProto</c>; as far as it matters for encoding and decoding.</summary>
internal sealed class SentencePieceFile
{
    /// <summary>No piece has more bytes: a search walks as far as the longest, from every character.</summary>
    public const int MaxPieceBytes = 1024;

    /// <summary>No file has more pieces.</summary>
    public const int MaxPieceCount = 1 << 21;

    /// <summary>No file is longer; the largest vocabularies in use take some 5 MB.</summary>
    public const int MaxFileBytes = 1 << 25;

    private const string FileKind = "SentencePiece model";

    private readonly List<VocabularyPiece> _pieces = [];
    private readonly Dictionary<string, int> _ids = [];
    private long _type = (long)ModelKind.Unigram;
    private bool _hasTrainer;
    private bool _hasNormalizer;

    private SentencePieceFile()
    {
    }

    /// <summary>How a text is cut into pieces.</summary>
    internal enum ModelKind
    {
        Unigram = 1,
        Bpe = 2,
        Word = 3,
        Character = 4,
    }

    /// <summary>The pieces in the order of their ids; one of them is unknown, no two are equal.</summary>
    public VocabularyPiece[] Pieces => [.. _pieces];

    /// <summary>How a text is cut into pieces.</summary>
    public ModelKind Kind => (ModelKind)_type;

    /// <summary>Whether characters in no piece are spelled as bytes; then there are pieces for all 256.</summary>
    public bool FallsBackToBytes { get; private set; }

    /// <summary>What the unknown token decodes to.</summary>
    public byte[] UnknownSurface { get; private set; } = Encoding.UTF8.GetBytes(" \u2047 ");

    /// <summary>The control piece that begins a text, if there is one.</summary>
    public string BeginPiece { get; private set; } = "<s>";

    /// <summary>The control piece that ends a text, if there is one.</summary>
    public string EndPiece { get; private set; } = "</s>";

    /// <summary>How a text is changed first.</summary>
    public SentencePieceRules Rules { get; private set; } = new();

    /// <summary>Reads a file.</summary>
    /// <exception cref="TokenizerFormatException">It is not such a file, or says what makes no sense.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static SentencePieceFile Read(Stream stream)
    {
        byte[] bytes = TokenizerStream.ReadAll(stream, FileKind, MaxFileBytes);
        var file = new SentencePieceFile();
        file.ReadModel(new ProtobufReader(bytes, 0));
        file.Check(bytes.Length);
        return file;
    }

    /// <summary>What the file of a unigram model that was just trained would say.</summary>
    /// <param name="pieces">The pieces in the order of their ids, as in a file that can be read.</param>
    /// <param name="fallsBackToBytes">Whether there are pieces of all bytes, for what no piece spells.</param>
    /// <param name="rules">How a text is changed first.</param>
    public static SentencePieceFile Unigram(IEnumerable<VocabularyPiece> pieces, bool fallsBackToBytes, SentencePieceRules rules)
    {
        var file = new SentencePieceFile { FallsBackToBytes = fallsBackToBytes, Rules = rules };
        file._pieces.AddRange(pieces);
        return file;
    }

    /// <summary>The error of such files.</summary>
    internal static TokenizerFormatException Error(int at, string problem) => new(FileKind, $"byte {at}", problem);

    private void ReadModel(ProtobufReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    ReadPiece(reader.Bytes(out int at), at);
                    break;
                case 2:
                    ReadTrainer(reader.Message());
                    _hasTrainer = true;
                    break;
                case 3:
                    ReadNormalizer(reader.Message());
                    _hasNormalizer = true;
                    break;
                default:
                    reader.Skip(); // tests of the model by itself, and what shall be done to decoded text
                    break;
            }
        }
    }

    private void ReadPiece(ReadOnlySpan<byte> message, int at)
    {
        var reader = new ProtobufReader(message, at);
        (string text, float score, PieceKind kind) = ("", 0, PieceKind.Normal);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = ReadText(reader.Bytes(out int place), place);
                    break;
                case 2:
                    score = reader.Float();
                    break;
                case 3:
                    kind = KindOf(reader.Number(), at);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        int id = _pieces.Count;
        if (id == MaxPieceCount)
            throw Error(at, $"there are more than {MaxPieceCount} pieces");

        if (text.Length == 0)
            throw Error(at, $"piece {id} is empty");

        if (!_ids.TryAdd(text, id))
            throw Error(at, $"piece {id} is the same as piece {_ids[text]}");

        if (kind == PieceKind.Byte && PieceVocabulary.TryReadByte(text) is null)
            throw Error(at, $"piece {id} is a byte, but not written like <0x0A>");

        if (kind == PieceKind.Unknown && _pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown) is >= 0 and var other)
            throw Error(at, $"piece {id} is a second unknown piece after {other}");

        _pieces.Add(new VocabularyPiece(text, score, kind));
    }

    private static string ReadText(ReadOnlySpan<byte> bytes, int at)
    {
        if (bytes.Length > MaxPieceBytes)
            throw Error(at, $"a piece has {bytes.Length} bytes; {MaxPieceBytes} are the most");

        if (!Utf8.IsValid(bytes))
            throw Error(at, "a piece is not UTF-8");

        return bytes.Contains((byte)0) ? throw Error(at, "a piece holds a zero byte") : Encoding.UTF8.GetString(bytes);
    }

    private static PieceKind KindOf(long type, int at) => type switch
    {
        1 => PieceKind.Normal,
        2 => PieceKind.Unknown,
        3 => PieceKind.Control,
        4 => PieceKind.UserDefined,
        5 => PieceKind.Unused,
        6 => PieceKind.Byte,
        _ => throw Error(at, $"a piece has type {type}; 1 to 6 are known"),
    };

    private void ReadTrainer(ProtobufReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    _type = reader.Number();
                    break;
                case 24:
                    Rules = Rules with { TreatsSpaceAsSuffix = reader.Flag() };
                    break;
                case 35:
                    FallsBackToBytes = reader.Flag();
                    break;
                case 44:
                    UnknownSurface = reader.Bytes(out _).ToArray();
                    break;
                case 46:
                    BeginPiece = ReadText(reader.Bytes(out int begin), begin);
                    break;
                case 47:
                    EndPiece = ReadText(reader.Bytes(out int end), end);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadNormalizer(ProtobufReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    ReadOnlySpan<byte> bytes = reader.Bytes(out int at);
                    Rules = Rules with { Map = bytes.IsEmpty ? null : ReadMap(bytes, at) };
                    break;
                case 3:
                    Rules = Rules with { AddsDummyPrefix = reader.Flag() };
                    break;
                case 4:
                    Rules = Rules with { RemovesExtraSpaces = reader.Flag() };
                    break;
                case 5:
                    Rules = Rules with { EscapesSpaces = reader.Flag() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static CharsMap ReadMap(ReadOnlySpan<byte> bytes, int at) =>
        CharsMap.TryRead(bytes.ToArray(), out string problem, out int offset) ?? throw Error(at + offset, problem);

    private void Check(int end)
    {
        // A file that ends too early is still a message: only what is missing tells.
        if (!_hasTrainer || !_hasNormalizer)
            throw Error(end, $"there is no {(_hasTrainer ? "normalizer_spec" : "trainer_spec")}; the file may have been cut short");

        if (!_pieces.Exists(piece => piece.Kind == PieceKind.Unknown))
            throw Error(end, "no piece is the unknown one");

        int bytes = _pieces.Count(piece => piece.Kind == PieceKind.Byte);
        if (bytes != (FallsBackToBytes ? 256 : 0))
            throw Error(end, $"there are {bytes} byte pieces, and byte_fallback is {(FallsBackToBytes ? "true, which needs 256" : "false, which needs none")}");

        if (_type is not ((long)ModelKind.Unigram or (long)ModelKind.Bpe or (long)ModelKind.Character))
            throw Error(end, $"the model has type {_type}{(_type == (long)ModelKind.Word ? " (word)" : "")}; 1 (unigram), 2 (bpe) and 4 (char) can be read");

        Rules = Rules with { UserDefined = [.. _pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text)] };
    }
}
