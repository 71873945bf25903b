using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

internal sealed unsafe partial class CpuKernels<V>
{
    public void Activate(Activation activation, MatrixView x, MatrixView y)
    {
        KernelChecks.Activate(x, y);
        ForEach(x.Rows, RowGrain(x.Columns), new ActivateBody
        {
            Function = activation, X = Floats(x), XPitch = x.Pitch, Y = Floats(y), YPitch = y.Pitch, Columns = x.Columns,
        });
    }

    public void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx)
    {
        KernelChecks.ActivateBackward(x, dy, dx);
        ForEach(x.Rows, RowGrain(x.Columns), new ActivateBackwardBody
        {
            Function = activation, X = Floats(x), XPitch = x.Pitch, Dy = Floats(dy), DyPitch = dy.Pitch, Dx = Floats(dx), DxPitch = dx.Pitch,
            Columns = x.Columns,
        });
    }

    public void Add(MatrixView a, MatrixView b, MatrixView y)
    {
        KernelChecks.Add(a, b, y);
        ForEach(a.Rows, RowGrain(a.Columns), new AddBody
        {
            A = Floats(a), APitch = a.Pitch, B = Floats(b), BPitch = b.Pitch, Y = Floats(y), YPitch = y.Pitch, Columns = a.Columns,
        });
    }

    public void ApplyDropout(MatrixView x, Dropout dropout, MatrixView y)
    {
        KernelChecks.ApplyDropout(x, y);
        ForEach(x.Rows, RowGrain(x.Columns), new DropoutBody
        {
            Dropout = dropout, X = Floats(x), XPitch = x.Pitch, Y = Floats(y), YPitch = y.Pitch, Columns = x.Columns,
        });
    }

    public void Fill(MatrixView destination, double value)
    {
        KernelChecks.Fill(destination);
        ForEach(destination.Rows, RowGrain(destination.Columns), new FillBody
        {
            Y = Floats(destination),
            Pitch = destination.Pitch,
            Columns = destination.Columns,
            Bits = destination.Buffer.Type == DType.Int32 ? (uint)(int)value : BitConverter.SingleToUInt32Bits((float)value),
        });
    }

    public void Copy(MatrixView source, MatrixView destination)
    {
        KernelChecks.Copy(source, destination);

        // One after the other and each by memmove: a destination that lies before its source may overlap it.
        for (var row = 0; row < source.Rows; row++)
        {
            var bytes = source.Columns * sizeof(float);
            Buffer.MemoryCopy(
                Floats(source) + ((long)row * source.Pitch), Floats(destination) + ((long)row * destination.Pitch), bytes, bytes);
        }
    }

    public void FillNormal(MatrixView destination, double standardDeviation, RandomKey key)
    {
        KernelChecks.FillNormal(destination);
        ForEach(destination.Count, 16_384, new NormalBody
        {
            Y = Floats(destination), Pitch = destination.Pitch, Columns = destination.Columns, Scale = standardDeviation, Key = key,
        });
    }

    /// <summary>What follows a product, done on each piece of the result while it is still in the cache.</summary>
    private struct Epilogue
    {
        private readonly Activation _activation;
        private readonly Dropout _dropout;
        private readonly float* _residual;
        private readonly nint _residualPitch;
        private readonly float* _product;
        private readonly nint _productPitch;
        private readonly float* _y;
        private readonly nint _pitch;

        public Epilogue(in LinearArguments arguments, float* product, nint productPitch)
        {
            _activation = arguments.Activation;
            _dropout = arguments.Dropout;
            _residual = Floats(arguments.Residual);
            _residualPitch = arguments.Residual.Pitch;
            _product = product;
            _productPitch = productPitch;
            _y = Floats(arguments.Y);
            _pitch = arguments.Y.Pitch;
        }

        public readonly void Apply(int row, int rows, int column, int columns)
        {
            if (_product == _y && _activation == Activation.None && !_dropout.IsActive && _residual is null)
            {
                return;
            }

            for (var i = row; i < row + rows; i++)
            {
                var y = _y + (i * _pitch) + column;
                var product = _product + (i * _productPitch) + column;
                if (_activation != Activation.None || product != y)
                {
                    ActivateRow(_activation, product, y, columns);
                }

                var residual = _residual is null ? null : _residual + (i * _residualPitch) + column;
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

    private static void ActivateRow(Activation function, float* x, float* y, int count)
    {
        switch (function)
        {
            case Activation.Relu:
                ActivateRow<ReluFunction<V>>(x, y, count);
                break;
            case Activation.Gelu:
                ActivateRow<GeluFunction<V>>(x, y, count);
                break;
            case Activation.GeluTanh:
                ActivateRow<GeluTanhFunction<V>>(x, y, count);
                break;
            default:
                Unsafe.CopyBlockUnaligned(y, x, (uint)count * sizeof(float));
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ActivateRow<F>(float* x, float* y, int count)
        where F : IActivationFunction<V>
    {
        var i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V.Store(F.Value(V.Load(x + i)), y + i);
        }

        if (i < count)
        {
            Simd.StorePart(F.Value(Simd.LoadPart<V>(x + i, count - i)), y + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ActivateRowBackward<F>(float* x, float* dy, float* dx, int count)
        where F : IActivationFunction<V>
    {
        var i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V.Store(F.Slope(V.Load(x + i)) * V.Load(dy + i), dx + i);
        }

        if (i < count)
        {
            Simd.StorePart(F.Slope(Simd.LoadPart<V>(x + i, count - i)) * Simd.LoadPart<V>(dy + i, count - i), dx + i, count - i);
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
            Simd.StorePart(Simd.LoadPart<V>(a + i, count - i) + Simd.LoadPart<V>(b + i, count - i), y + i, count - i);
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
                var kept = Simd.LoadPart<V>(x + from + i, length - i) * V.Load(factors + i);
                Simd.StorePart(residual is null ? kept : kept + Simd.LoadPart<V>(residual + from + i, length - i), y + from + i, length - i);
            }
        }
    }

    private struct ActivateBody : IRangeBody
    {
        public Activation Function;
        public float* X;
        public nint XPitch;
        public float* Y;
        public nint YPitch;
        public int Columns;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                ActivateRow(Function, X + (row * XPitch), Y + (row * YPitch), Columns);
            }
        }
    }

    private struct ActivateBackwardBody : IRangeBody
    {
        public Activation Function;
        public float* X;
        public nint XPitch;
        public float* Dy;
        public nint DyPitch;
        public float* Dx;
        public nint DxPitch;
        public int Columns;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                float* x = X + (row * XPitch), dy = Dy + (row * DyPitch), dx = Dx + (row * DxPitch);
                switch (Function)
                {
                    case Activation.Relu:
                        ActivateRowBackward<ReluFunction<V>>(x, dy, dx, Columns);
                        break;
                    case Activation.Gelu:
                        ActivateRowBackward<GeluFunction<V>>(x, dy, dx, Columns);
                        break;
                    case Activation.GeluTanh:
                        ActivateRowBackward<GeluTanhFunction<V>>(x, dy, dx, Columns);
                        break;
                    default:
                        Unsafe.CopyBlockUnaligned(dx, dy, (uint)Columns * sizeof(float));
                        break;
                }
            }
        }
    }

    private struct AddBody : IRangeBody
    {
        public float* A;
        public nint APitch;
        public float* B;
        public nint BPitch;
        public float* Y;
        public nint YPitch;
        public int Columns;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                AddRow(A + (row * APitch), B + (row * BPitch), Y + (row * YPitch), Columns);
            }
        }
    }

    private struct DropoutBody : IRangeBody
    {
        public Dropout Dropout;
        public float* X;
        public nint XPitch;
        public float* Y;
        public nint YPitch;
        public int Columns;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                DropRow(Dropout, (int)row, 0, X + (row * XPitch), null, Y + (row * YPitch), Columns);
            }
        }
    }

    private struct FillBody : IRangeBody
    {
        public float* Y;
        public nint Pitch;
        public int Columns;
        public uint Bits;

        public readonly void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                new Span<uint>(Y + (row * Pitch), Columns).Fill(Bits);
            }
        }
    }

    private struct NormalBody : IRangeBody
    {
        public float* Y;
        public nint Pitch;
        public int Columns;
        public double Scale;
        public RandomKey Key;

        public readonly void Run(long from, long to)
        {
            // Pieces begin at even numbers, so a pair is never cut.
            for (var i = from; i < to; i += 2)
            {
                var (first, second) = BoxMuller.Pair(Key, (ulong)i / 2);
                *At(i) = (float)(first * Scale);
                if (i + 1 < to)
                {
                    *At(i + 1) = (float)(second * Scale);
                }
            }
        }

        private readonly float* At(long element)
        {
            var (row, column) = Math.DivRem(element, Columns);
            return Y + (row * Pitch) + column;
        }
    }
}
