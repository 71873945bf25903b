namespace Inkling.Text.Normalization;

/// <summary>
/// What Unicode says about its characters, as far as normalisers need it. Our own data (unicode.bin, which tools/unicode-table.cs makes) and not the
/// system's, so that a text has the same tokens wherever it is encoded: .NET normalises with ICU, of whatever version, or not at all.
/// </summary>
internal sealed class UnicodeTable
{
    /// <summary>How far a combining class is shifted in a packed character.</summary>
    public const int ClassShift = 21;

    /// <summary>The bits of a packed character that are its code point.</summary>
    public const int CodePointMask = (1 << ClassShift) - 1;

    private const int BlockBits = 7;
    private const int BlockMask = (1 << BlockBits) - 1;

    // Read once, when the first normaliser that needs it is made.
    private static readonly Lazy<UnicodeTable> Shared = new(() => UnicodeTableReader.Read());

    // Code point / 128 → block; block · 128 + code point % 128 → row. Block 0 and row 0 are those of all that has no properties.
    private readonly ushort[] _blocks;
    private readonly ushort[] _rows;
    private readonly UnicodeProperties[] _properties;
    private readonly int[] _pool;
    private readonly CompositionTable _compositions;

    /// <summary>Takes what was read.</summary>
    /// <param name="rows">The row of each block and character in it; null for blocks without properties.</param>
    /// <param name="properties">Rows of properties.</param>
    /// <param name="pool">Decompositions, as packed characters.</param>
    /// <param name="compositions">Pairs that are composed.</param>
    public UnicodeTable(ReadOnlySpan<ushort[]?> rows, UnicodeProperties[] properties, int[] pool, CompositionTable compositions)
    {
        (_properties, _pool, _compositions) = (properties, pool, compositions);
        _blocks = new ushort[rows.Length];
        var used = new List<ushort>(new ushort[1 << BlockBits]);
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] is not { } block)
                continue;

            _blocks[i] = (ushort)(used.Count >> BlockBits);
            used.AddRange(block);
        }

        _rows = [.. used];
    }

    /// <summary>The table.</summary>
    public static UnicodeTable Instance => Shared.Value;

    /// <summary>How many code points a block of rows has.</summary>
    public static int BlockSize => 1 << BlockBits;

    /// <summary>What is known of a character.</summary>
    public ref readonly UnicodeProperties this[int codePoint] =>
        ref _properties[_rows[(_blocks[codePoint >> BlockBits] << BlockBits) | (codePoint & BlockMask)]];

    /// <summary>The canonical or compatibility decomposition, as far as it goes, as packed characters; empty where the character stays. Not for Hangul.</summary>
    public ReadOnlySpan<int> Decomposition(in UnicodeProperties properties, bool compatible) =>
        compatible
            ? _pool.AsSpan(properties.Compatible, properties.CompatibleCount)
            : _pool.AsSpan(properties.Canonical, properties.CanonicalCount);

    /// <summary>The character that two others compose to; 0 where they do not.</summary>
    public int Compose(int first, int second) => _compositions.Find(first, second) is var composed and not 0 ? composed : Hangul.Compose(first, second);
}
