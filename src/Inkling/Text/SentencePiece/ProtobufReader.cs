using System.Buffers.Binary;
using System.Globalization;

namespace Inkling.Text.SentencePiece;

/// <summary>
/// Reads the fields of one protobuf message. Everything is checked against the bytes that are there; groups, which could nest without end, are refused.
/// </summary>
/// <param name="message">The bytes of the message.</param>
/// <param name="start">Where it begins in the file, for errors.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, int start)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;
    private int _fieldStart;

    /// <summary>How a field is stored.</summary>
    internal enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>The number of the field that was begun.</summary>
    public int Field { get; private set; }

    /// <summary>How it is stored.</summary>
    public WireType Type { get; private set; }

    /// <summary>Begins the next field; its value must be read or skipped.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Next()
    {
        if (_at == _message.Length)
            return false;

        _fieldStart = _at;
        ulong tag = Varint();
        (Field, Type) = ((int)(tag >> 3), (WireType)(tag & 7));
        if (tag > uint.MaxValue || Field == 0)
            throw Error(_fieldStart, $"{tag} is not the tag of a field");

        if (Type is not (WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32))
            throw Error(_fieldStart, $"field {Field} has wire type {(int)Type}; 0, 1, 2 and 5 are known");

        return true;
    }

    /// <summary>Passes over the value.</summary>
    public void Skip()
    {
        switch (Type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Bytes:
                Bytes(out _);
                break;
            default:
                Take(Type == WireType.Fixed64 ? sizeof(ulong) : sizeof(uint));
                break;
        }
    }

    /// <summary>Reads a number.</summary>
    public long Number()
    {
        Demand(WireType.Varint);
        return (long)Varint();
    }

    /// <summary>Reads a truth value.</summary>
    public bool Flag() => Number() != 0;

    /// <summary>Reads a number with a fraction.</summary>
    /// <exception cref="TokenizerFormatException">It is infinite or not a number.</exception>
    public float Float()
    {
        Demand(WireType.Fixed32);
        float value = BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
        if (float.IsFinite(value))
            return value;

        throw Error(_fieldStart, string.Create(CultureInfo.InvariantCulture, $"field {Field} is {value}, not a finite number"));
    }

    /// <summary>Reads bytes, and where they begin in the file.</summary>
    public ReadOnlySpan<byte> Bytes(out int place)
    {
        Demand(WireType.Bytes);
        int lengthStart = _at;
        ulong length = Varint();
        if (length > (ulong)(_message.Length - _at))
            throw Error(lengthStart, $"field {Field} claims {length} bytes, and {_message.Length - _at} are left");

        place = start + _at;
        return Take((int)length);
    }

    /// <summary>Reads a message inside this one.</summary>
    public ProtobufReader Message()
    {
        ReadOnlySpan<byte> bytes = Bytes(out int place);
        return new ProtobufReader(bytes, place);
    }

    private void Demand(WireType type)
    {
        if (Type != type)
            throw Error(_fieldStart, $"field {Field} has wire type {(int)Type}, not {(int)type}");
    }

    private ulong Varint()
    {
        const int MaxBytes = 10; // for 64 bits, 7 at a time
        ulong value = 0;
        int first = _at;
        for (int shift = 0; ; shift += 7)
        {
            if (_at == _message.Length)
                throw Error(first, "a number is cut short");

            byte next = _message[_at++];
            if (_at - first == MaxBytes && next > 1)
                throw Error(first, "a number has more than 64 bits");

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _at)
            throw Error(_at, $"field {Field} needs {count} bytes, and {_message.Length - _at} are left");

        ReadOnlySpan<byte> bytes = _message.Slice(_at, count);
        _at += count;
        return bytes;
    }

    private readonly TokenizerFormatException Error(int at, string problem) => SentencePieceFile.Error(start + at, problem);
}
