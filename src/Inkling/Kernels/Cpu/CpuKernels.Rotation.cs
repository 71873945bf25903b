using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <content>Rotary positions.</content>
internal sealed unsafe partial class CpuKernels<V>
{
    public void Rotate(MatrixView x, MatrixView positions, MatrixView table, int headSize, Rotation rotation, MatrixView y)
    {
        KernelChecks.Rotate(x, positions, table, headSize, y);
        CheckIndices(positions, 0, table.Rows);
        ForEach(x.Rows, RowGrain(x.Columns), new RotateBody(new(x), new(positions), new(table), new(y), headSize / 2, x.Columns, rotation));
    }

    private readonly struct RotateBody(
        MatrixRows x, IndexRows positions, MatrixRows table, MatrixRows y, int half, int columns, Rotation rotation) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                Rotate(x[row], table[positions[row]], y[row]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Rotate(float* source, float* angles, float* destination)
        {
            var sign = V.CreateBits(rotation == Rotation.Inverse ? 0x8000_0000u : 0);
            for (var i = 0; i < half; i += V.Count)
            {
                // The same angles serve all heads.
                V cos = Load(angles, i, half), sin = Load(angles + half, i, half) ^ sign;
                var minusSin = sin ^ V.CreateBits(0x8000_0000);
                for (var head = 0; head < columns; head += 2 * half)
                {
                    V first = Load(source + head, i, half), second = Load(source + head + half, i, half);
                    Store(V.MultiplyAdd(second, minusSin, first * cos), destination + head, i, half);
                    Store(V.MultiplyAdd(first, sin, second * cos), destination + head + half, i, half);
                }
            }
        }
    }
}
