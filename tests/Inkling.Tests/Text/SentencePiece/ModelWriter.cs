using System.Text;
using Inkling.Text.Subwords;

namespace Inkling.Tests.Text.SentencePiece;

/// <summary>Writes protobuf messages field by field, right or wrong, and small SentencePiece models.</summary>
internal sealed class ModelWriter
{
    private readonly MemoryStream _bytes = new();

    public static byte[] Piece(string text, float score = -1, PieceKind kind = PieceKind.Normal)
    {
        int type = kind switch { PieceKind.Unknown => 2, PieceKind.Control => 3, PieceKind.UserDefined => 4, PieceKind.Unused => 5, PieceKind.Byte => 6, _ => 1 };
        return new ModelWriter().Bytes(1, Encoding.UTF8.GetBytes(text)).Float(2, score).Number(3, type).ToArray();
    }

    /// <summary>A whole model: the unknown piece, &lt;s&gt;, &lt;/s&gt;, and what is given.</summary>
    public static byte[] Model(int type, IEnumerable<VocabularyPiece> pieces, byte[]? trainer = null, byte[]? normalizer = null)
    {
        VocabularyPiece[] first = [new("<unk>", 0, PieceKind.Unknown), new("<s>", 0, PieceKind.Control), new("</s>", 0, PieceKind.Control)];
        return Exact([.. first, .. pieces], [.. new ModelWriter().Number(3, type).ToArray(), .. trainer ?? []], normalizer);
    }

    /// <summary>A model with these pieces and no others.</summary>
    public static byte[] Exact(VocabularyPiece[] pieces, byte[] trainer, byte[]? normalizer = null)
    {
        var model = new ModelWriter();
        foreach (VocabularyPiece piece in pieces)
            model.Bytes(1, Piece(piece.Text, piece.Score, piece.Kind));

        return model.Bytes(2, trainer).Bytes(3, normalizer ?? []).ToArray();
    }

    public ModelWriter Varint(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
            _bytes.WriteByte((byte)(value | 0x80));

        _bytes.WriteByte((byte)value);
        return this;
    }

    public ModelWriter Tag(int field, int wireType) => Varint(((ulong)field << 3) | (uint)wireType);

    public ModelWriter Number(int field, long value) => Tag(field, 0).Varint((ulong)value);

    public ModelWriter Flag(int field, bool value) => Number(field, value ? 1 : 0);

    public ModelWriter Float(int field, float value) => Tag(field, 5).Raw(BitConverter.GetBytes(value));

    public ModelWriter Bytes(int field, byte[] value) => Tag(field, 2).Varint((ulong)value.Length).Raw(value);

    public ModelWriter Raw(params byte[] value)
    {
        _bytes.Write(value);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();
}
