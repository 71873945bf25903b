using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    public void Add(MatrixView a, MatrixView b, MatrixView y)
    {
        KernelChecks.Add(a, b, y);
        ForEach(a.Rows, RowGrain(a.Columns), new AddBody(new(a), new(b), new(y), a.Columns));
    }

    public void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y)
    {
        KernelChecks.ApplyDropout(x, y);
        ForEach(x.Rows, RowGrain(x.Columns), new DropoutBody(dropout, new(x), new(y), x.Columns));
    }

    public void Fill(MatrixView destination, double value)
    {
        KernelChecks.Fill(destination);
        var bits = destination.Buffer.Type == DType.Int32 ? (uint)(int)value : BitConverter.SingleToUInt32Bits((float)value);
        ForEach(destination.Rows, RowGrain(destination.Columns), new FillBody(new(destination), destination.Columns, bits));
    }

    public void Copy(MatrixView source, MatrixView destination)
    {
        KernelChecks.Copy(source, destination);

        // One after the other and each by memmove: a destination that lies before its source may overlap it.
        new MatrixRows(source).CopyTo(new(destination), source.Rows, source.Columns);
    }

    public void FillNormal(MatrixView destination, double standardDeviation, RandomKey key)
    {
        KernelChecks.FillNormal(destination);
        ForEach(destination.Count, 16_384, new NormalBody(new(destination), destination.Columns, standardDeviation, key));
    }

    /// <summary>What follows a product, done on each piece of the result while it is still in the cache.</summary>
    private struct Epilogue
    {
        private readonly Activation _activation;
        private readonly Dropout _dropout;
        private readonly MatrixRows _product;
        private readonly MatrixRows _residual;
        private readonly MatrixRows _y;

        public Epilogue(in LinearArguments arguments, MatrixView product)
        {
            _activation = arguments.Activation;
            _dropout = arguments.Dropout;
            _product = new(product);
            _residual = new(arguments.Residual);
            _y = new(arguments.Y);
        }

        public readonly void Apply(int row, int rows, int column, int columns)
        {
            if (_product.Start == _y.Start && _activation == Activation.None && !_dropout.IsActive && _residual.IsNone)
            {
                return;
            }

            for (var i = row; i < row + rows; i++)
            {
                float* product = _product[i] + column, y = _y[i] + column;
                if (_activation != Activation.None || product != y)
                {
                    ForActivation(_activation, new ActivatedRow(product, y, columns));
                }

                var residual = _residual.IsNone ? null : _residual[i] + column;
                if (_dropout.IsActive)
                {
                    DropRow(_dropout, i, column, y, residual, y, columns);
                }
                else if (residual is not null)
                {
                    AddRow(y, residual, y, columns);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow(float* a, float* b, float* y, int count)
    {
        var i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V.Store(V.Load(a + i) + V.Load(b + i), y + i);
        }

        if (i < count)
        {
            V.StorePart(V.LoadPart(a + i, count - i) + V.LoadPart(b + i, count - i), y + i, count - i);
        }
    }

    /// <summary>y = (residual +) dropped x, from a column that is a multiple of 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DropRow(Dropout dropout, int row, int column, float* x, float* residual, float* y, int count)
    {
        var mask = new DropoutMask<V>(dropout);
        var factors = stackalloc float[64];
        for (var from = 0; from < count; from += 64)
        {
            mask.RowFactors(dropout.FirstRow + (uint)row, (uint)(column + from) / 64, factors);
            var length = Math.Min(64, count - from);
            var i = 0;
            for (; i <= length - V.Count; i += V.Count)
            {
                var kept = V.Load(x + from + i) * V.Load(factors + i);
                V.Store(residual is null ? kept : kept + V.Load(residual + from + i), y + from + i);
            }

            if (i < length)
            {
                var kept = V.LoadPart(x + from + i, length - i) * V.Load(factors + i);
                V.StorePart(residual is null ? kept : kept + V.LoadPart(residual + from + i, length - i), y + from + i, length - i);
            }
        }
    }

    private readonly struct AddBody(MatrixRows a, MatrixRows b, MatrixRows y, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                AddRow(a[row], b[row], y[row], columns);
            }
        }
    }

    private readonly struct DropoutBody(Dropout dropout, MatrixRows x, MatrixRows y, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                DropRow(dropout, (int)row, 0, x[row], null, y[row], columns);
            }
        }
    }

    private readonly struct FillBody(MatrixRows y, int columns, uint bits) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                new Span<uint>(y[row], columns).Fill(bits);
            }
        }
    }

    private readonly struct NormalBody(MatrixRows y, int columns, double scale, RandomKey key) : IRangeBody
    {
        public void Run(long from, long to)
        {
            // Pieces begin at even numbers, so a pair is never cut.
            for (var i = from; i < to; i += 2)
            {
                var (first, second) = BoxMuller.Pair(key, (ulong)i / 2);
                *At(i) = (float)(first * scale);
                if (i + 1 < to)
                {
                    *At(i + 1) = (float)(second * scale);
                }
            }
        }

        private float* At(long element) => y[element / columns] + (element % columns);
    }
}
