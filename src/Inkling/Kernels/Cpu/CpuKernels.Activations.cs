using System.Runtime.CompilerServices;

namespace Inkling.Kernels.Cpu;

/// <content>Activations and the gates of feed-forward layers: a row is a small struct, which the JIT compiles for each function.</content>
internal sealed unsafe partial class CpuKernels<V>
{
    private interface IActivationRow
    {
        void Run<F>()
            where F : IActivationFunction<V>;
    }

    public void Activate(Activation activation, MatrixView x, MatrixView y)
    {
        KernelChecks.Activate(x, y);
        ForEach(x.Rows, RowGrain(x.Columns), new ActivateBody(activation, new(x), new(y), x.Columns));
    }

    public void ActivateBackward(Activation activation, MatrixView x, MatrixView dy, MatrixView dx)
    {
        KernelChecks.ActivateBackward(x, dy, dx);
        ForEach(x.Rows, RowGrain(x.Columns), new ActivateBackwardBody(activation, new(x), new(dy), new(dx), x.Columns));
    }

    public void Gate(Activation activation, MatrixView gate, MatrixView up, MatrixView y)
    {
        KernelChecks.Gate(gate, up, y);
        ForEach(gate.Rows, RowGrain(gate.Columns), new GateBody(activation, new(gate), new(up), new(y), gate.Columns));
    }

    public void GateBackward(Activation activation, MatrixView gate, MatrixView up, MatrixView dy, MatrixView dGate, MatrixView dUp)
    {
        KernelChecks.GateBackward(gate, up, dy, dGate, dUp);
        ForEach(
            gate.Rows, RowGrain(gate.Columns), new GateBackwardBody(activation, new(gate), new(up), new(dy), new(dGate), new(dUp), gate.Columns));
    }

    private static void ForActivation<TRow>(Activation function, TRow row)
        where TRow : struct, IActivationRow
    {
        switch (function)
        {
            case Activation.None:
                row.Run<IdentityFunction<V>>();
                break;
            case Activation.Relu:
                row.Run<ReluFunction<V>>();
                break;
            case Activation.Gelu:
                row.Run<GeluFunction<V>>();
                break;
            case Activation.GeluTanh:
                row.Run<GeluTanhFunction<V>>();
                break;
            case Activation.ReluSquared:
                row.Run<ReluSquaredFunction<V>>();
                break;
            case Activation.Silu:
                row.Run<SiluFunction<V>>();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ActivateRow<F>(float* x, float* y, int count)
        where F : IActivationFunction<V>
    {
        for (var i = 0; i < count; i += V.Count)
        {
            Store(F.Value(Load(x, i, count)), y, i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ActivateRowBackward<F>(float* x, float* dy, float* dx, int count)
        where F : IActivationFunction<V>
    {
        for (var i = 0; i < count; i += V.Count)
        {
            Store(F.Slope(Load(x, i, count), out _) * Load(dy, i, count), dx, i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GateRow<F>(float* gate, float* up, float* y, int count)
        where F : IActivationFunction<V>
    {
        for (var i = 0; i < count; i += V.Count)
        {
            Store(F.Value(Load(gate, i, count)) * Load(up, i, count), y, i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GateRowBackward<F>(float* gate, float* up, float* dy, float* dGate, float* dUp, int count)
        where F : IActivationFunction<V>
    {
        for (var i = 0; i < count; i += V.Count)
        {
            var slope = F.Slope(Load(gate, i, count), out var value);
            var d = Load(dy, i, count);
            Store(slope * Load(up, i, count) * d, dGate, i, count);
            Store(value * d, dUp, i, count);
        }
    }

    private readonly struct ActivatedRow(float* x, float* y, int count) : IActivationRow
    {
        public void Run<F>()
            where F : IActivationFunction<V>
            => ActivateRow<F>(x, y, count);
    }

    private readonly struct ActivatedRowGradient(float* x, float* dy, float* dx, int count) : IActivationRow
    {
        public void Run<F>()
            where F : IActivationFunction<V>
            => ActivateRowBackward<F>(x, dy, dx, count);
    }

    private readonly struct GatedRow(float* gate, float* up, float* y, int count) : IActivationRow
    {
        public void Run<F>()
            where F : IActivationFunction<V>
            => GateRow<F>(gate, up, y, count);
    }

    private readonly struct GatedRowGradient(float* gate, float* up, float* dy, float* dGate, float* dUp, int count) : IActivationRow
    {
        public void Run<F>()
            where F : IActivationFunction<V>
            => GateRowBackward<F>(gate, up, dy, dGate, dUp, count);
    }

    private readonly struct ActivateBody(Activation function, MatrixRows x, MatrixRows y, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                ForActivation(function, new ActivatedRow(x[row], y[row], columns));
            }
        }
    }

    private readonly struct ActivateBackwardBody(Activation function, MatrixRows x, MatrixRows dy, MatrixRows dx, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                ForActivation(function, new ActivatedRowGradient(x[row], dy[row], dx[row], columns));
            }
        }
    }

    private readonly struct GateBody(Activation function, MatrixRows gate, MatrixRows up, MatrixRows y, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                ForActivation(function, new GatedRow(gate[row], up[row], y[row], columns));
            }
        }
    }

    private readonly struct GateBackwardBody(
        Activation function, MatrixRows gate, MatrixRows up, MatrixRows dy, MatrixRows dGate, MatrixRows dUp, int columns) : IRangeBody
    {
        public void Run(long from, long to)
        {
            for (var row = from; row < to; row++)
            {
                ForActivation(function, new GatedRowGradient(gate[row], up[row], dy[row], dGate[row], dUp[row], columns));
            }
        }
    }
}
