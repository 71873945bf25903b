namespace Inkling.Text.Normalization;

/// <summary>Reads the embedded unicode.bin, whose layout tools/unicode-table.cs describes, and works out what follows from it.</summary>
internal sealed class UnicodeTableReader
{
    private const UnicodeTraits SecondPart =
        UnicodeTraits.MayChangeInC | UnicodeTraits.MayChangeInKC | UnicodeTraits.Continues | UnicodeTraits.ContinuesInK;

    private readonly ushort[]?[] _rows = new ushort[0x110000 / UnicodeTable.BlockSize][];
    private readonly CompositionTable _compositions = new();
    private readonly byte[] _file;
    private int _at;

    // Row 0 is that of all characters without properties.
    private UnicodeProperties[] _properties = new UnicodeProperties[1 << 14];
    private int _count = 1;

    private int[] _pool = new int[1 << 15];
    private int _poolCount;

    private UnicodeTableReader(byte[] file) => _file = file;

    /// <summary>Reads the table.</summary>
    public static UnicodeTable Read()
    {
        using Stream stream = typeof(UnicodeTableReader).Assembly.GetManifestResourceStream("unicode.bin")!;
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return new UnicodeTableReader(file).ReadAll();
    }

    private UnicodeTable ReadAll()
    {
        ReadClasses();
        ReadDecompositions(compatible: false);
        ReadDecompositions(compatible: true);
        ReadCompositions();
        foreach (UnicodeTraits set in (ReadOnlySpan<UnicodeTraits>)[UnicodeTraits.Mark, UnicodeTraits.NonspacingMark, UnicodeTraits.Control])
            ReadSet(set);

        ReadSmallLetters();
        AddContinuations();
        return new UnicodeTable(_rows, _properties[.._count], _pool[.._poolCount], _compositions);
    }

    private void ReadClasses()
    {
        int at = 0;
        for (int count = ReadNumber(); count > 0; count--)
        {
            at += ReadNumber();
            int end = at + ReadNumber();
            var value = (byte)ReadNumber();
            for (; at < end; at++)
            {
                ref UnicodeProperties mark = ref Of(at);
                mark.Class = value;
                mark.Traits |= UnicodeTraits.Continues | UnicodeTraits.ContinuesInK;
            }
        }
    }

    private void ReadDecompositions(bool compatible)
    {
        int at = 0;
        for (int count = ReadNumber(); count > 0; count--)
        {
            at += ReadNumber();
            ushort start = checked((ushort)_poolCount);
            var length = checked((byte)ReadNumber());
            for (int i = 0; i < length; i++)
                AddToPool(ReadNumber());

            ref UnicodeProperties own = ref Of(at++);
            (own.Compatible, own.CompatibleCount) = (start, length);
            own.Traits |= UnicodeTraits.ChangesInKD | UnicodeTraits.MayChangeInKC;
            if (!compatible)
            {
                (own.Canonical, own.CanonicalCount) = (start, length);
                own.Traits |= UnicodeTraits.ChangesInD | UnicodeTraits.MayChangeInC;
            }
        }
    }

    private void ReadCompositions()
    {
        int at = 0;
        for (int count = ReadNumber(); count > 0; count--)
        {
            at += ReadNumber();
            int first = ReadNumber(), second = ReadNumber();
            _compositions.Add(first, second, at);
            Of(second).Traits |= SecondPart;

            // What was taken apart comes together again, unless the compatibility decomposition is another.
            ref UnicodeProperties composed = ref Of(at++);
            composed.Traits &= ~UnicodeTraits.MayChangeInC;
            if (composed.Compatible == composed.Canonical)
                composed.Traits &= ~UnicodeTraits.MayChangeInKC;
        }


        for (int i = 0; i < Hangul.VowelCount; i++)
            Of(Hangul.FirstVowel + i).Traits |= SecondPart;

        for (int i = 0; i < Hangul.TrailingCount; i++)
            Of(Hangul.FirstTrailing + i).Traits |= SecondPart;
    }

    private void ReadSet(UnicodeTraits trait)
    {
        int at = 0;
        for (int count = ReadNumber(); count > 0; count--)
        {
            at += ReadNumber();
            for (int end = at + ReadNumber(); at < end; at++)
                Of(at).Traits |= trait;
        }
    }

    private void ReadSmallLetters()
    {
        int at = 0;
        for (int count = ReadNumber(); count > 0; count--)
        {
            at += ReadNumber();
            int length = ReadNumber(), stride = ReadNumber(), distance = ReadNumber();
            for (int i = 0; i < length; i++)
                Of(at + (i * stride)).ToSmall = (distance >> 1) ^ -(distance & 1);

            at += ((length - 1) * stride) + 1;
        }
    }

    // A character depends on what stands before it where the first part of its decomposition does.
    private void AddContinuations()
    {
        for (int i = 1; i < _count; i++)
        {
            ref UnicodeProperties own = ref _properties[i];
            if (own.CanonicalCount > 0)
                own.Traits |= TraitsOf(_pool[own.Canonical]) & UnicodeTraits.Continues;

            if (own.CompatibleCount > 0)
                own.Traits |= TraitsOf(_pool[own.Compatible]) & UnicodeTraits.ContinuesInK;
        }
    }

    private UnicodeTraits TraitsOf(int packed) => RowOf(packed & UnicodeTable.CodePointMask) is var row and not 0 ? _properties[row].Traits : UnicodeTraits.None;

    // Marks have their rows, and so their classes, before the pool is filled.
    private void AddToPool(int codePoint)
    {
        if (_poolCount == _pool.Length)
            Array.Resize(ref _pool, 2 * _poolCount);

        _pool[_poolCount++] = codePoint | (_properties[RowOf(codePoint)].Class << UnicodeTable.ClassShift);
    }

    private int RowOf(int codePoint) => _rows[codePoint / UnicodeTable.BlockSize] is { } block ? block[codePoint % UnicodeTable.BlockSize] : 0;

    // The row of a character, which it gets here if it had none.
    private ref UnicodeProperties Of(int codePoint)
    {
        ushort[] block = _rows[codePoint / UnicodeTable.BlockSize] ??= new ushort[UnicodeTable.BlockSize];
        ref ushort row = ref block[codePoint % UnicodeTable.BlockSize];
        if (row == 0)
        {
            if (_count == _properties.Length)
                Array.Resize(ref _properties, 2 * _count);

            row = checked((ushort)_count++);
        }

        return ref _properties[row];
    }

    private int ReadNumber()
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            int next = _file[_at++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
