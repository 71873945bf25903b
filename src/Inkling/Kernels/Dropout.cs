namespace Inkling.Kernels;

/// <summary>
/// Which elements of a matrix are zeroed, the others being divided by the fraction kept. <see cref="Word"/> and
/// <see cref="AttentionWord"/> say which random word decides over which element, so every kernel draws the same mask.
/// </summary>
/// <param name="Rate">Fraction dropped, 0 (none) up to but excluding 1.</param>
/// <param name="Key">Stream of the draw.</param>
/// <param name="FirstRow">Number of the matrix's first row in the global batch.</param>
public readonly record struct Dropout(float Rate, RandomKey Key, uint FirstRow)
{
    /// <summary>Nothing is dropped.</summary>
    public static Dropout None => default;

    /// <summary>True when some elements may be dropped.</summary>
    public bool IsActive => Rate > 0;

    /// <summary>Factor of the elements that stay, so that the expected value stays too.</summary>
    public float Scale => 1f / (1f - Rate);

    /// <summary>An element stays when its random word is at least this.</summary>
    public uint Threshold => (uint)Math.Min(uint.MaxValue, Rate * 4294967296.0);

    /// <summary>
    /// Random word of an activation: columns are drawn in groups of 64, whose 16 blocks give column
    /// 16·w + b of the group from word w of block b, which is the order in which a 16-lane processor has them at hand.
    /// </summary>
    public uint Word(int row, int column)
    {
        var (group, within) = Math.DivRem((uint)column, 64);
        return Philox.Block(Key, FirstRow + (uint)row, (group * 16) + (within % 16))[(int)(within / 16)];
    }

    /// <summary>
    /// Random word of an attention weight: word key mod 4 of block ⌊key / 4⌋, in the row
    /// that numbers all (sequence, head, query) of the global batch.
    /// </summary>
    public uint AttentionWord(uint queryRow, int key) => Philox.Block(Key, queryRow, (uint)key / 4)[key % 4];
}
