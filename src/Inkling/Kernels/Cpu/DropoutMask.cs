using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <summary>Philox in lanes: the same words as <see cref="Philox"/>, one counter per lane.</summary>
internal readonly struct DropoutMask<V>
    where V : unmanaged, ISimd<V>
{
    private readonly RandomKey _key;
    private readonly V _threshold;
    private readonly V _scale;

    public DropoutMask(Dropout dropout)
    {
        _key = dropout.Key;
        _threshold = V.CreateBits(dropout.Threshold);
        _scale = V.Create(dropout.Scale);
    }

    /// <summary>Factors, 0 or the scale, of the four words of the blocks and rows in the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Factors(V block, V row, out V f0, out V f1, out V f2, out V f3)
    {
        V c0 = block, c1 = row, c2 = V.CreateBits(_key.Step), c3 = V.CreateBits(_key.Stream);
        uint k0 = (uint)_key.Seed, k1 = (uint)(_key.Seed >> 32);
        for (var round = 0; round < Philox.Rounds; round++)
        {
            V.MultiplyWide(c0, V.CreateBits(Philox.Multiplier0), out var high0, out var low0);
            V.MultiplyWide(c2, V.CreateBits(Philox.Multiplier1), out var high1, out var low1);
            c0 = high1 ^ c1 ^ V.CreateBits(k0);
            c1 = low1;
            c2 = high0 ^ c3 ^ V.CreateBits(k1);
            c3 = low0;
            k0 += Philox.KeyStep0;
            k1 += Philox.KeyStep1;
        }

        f0 = V.AtLeastBits(c0, _threshold) & _scale;
        f1 = V.AtLeastBits(c1, _threshold) & _scale;
        f2 = V.AtLeastBits(c2, _threshold) & _scale;
        f3 = V.AtLeastBits(c3, _threshold) & _scale;
    }

    /// <summary>The factors of 64 columns of one row, beginning at a multiple of 64; see <see cref="Dropout.Word"/> for their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void RowFactors(uint row, uint group, float* factors)
    {
        for (var lane = 0; lane < 16; lane += V.Count)
        {
            Factors(
                V.AddBits(V.CreateBits((group * 16) + (uint)lane), V.LaneNumbers), V.CreateBits(row), out var f0, out var f1, out var f2, out var f3);
            V.Store(f0, factors + lane);
            V.Store(f1, factors + lane + 16);
            V.Store(f2, factors + lane + 32);
            V.Store(f3, factors + lane + 48);
        }
    }
}
