using BenchmarkDotNet.Attributes;
using Inkling.Kernels;
using Inkling.Kernels.Cpu;

namespace Inkling.Benchmarks;

/// <summary>Single kernels at the shapes of <c>baby</c>, 16 × 256 tokens; <c>inkling bench</c> measures whole steps and shares of the peak.</summary>
public class KernelBenchmarks
{
    private const int Rows = 4_096;
    private const int Width = 384;
    private const int HeadSize = 64;

    private IKernels _kernels = null!;
    private DeviceBuffer _buffer = null!;
    private MatrixView _x;
    private MatrixView _y;
    private MatrixView _gain;
    private MatrixView _statistics;
    private MatrixView _table;
    private MatrixView _positions;
    private DeviceBuffer _indices = null!;
    private PreparedWeight _weight = null!;

    [Params(1, 2)]
    public int Threads { get; set; }

    [Params(InstructionSet.Vector256, InstructionSet.Vector512)]
    public InstructionSet Vectors { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _kernels = CpuKernels.Create(new CpuOptions { ThreadCount = Threads, InstructionSet = Vectors });
        _buffer = _kernels.Allocate(DType.Float32, (2L * Rows * Width) + (Width * Width) + Width + (2 * Rows) + (256 * HeadSize));
        long offset = 0;
        _x = Next(Rows, Width);
        _y = Next(Rows, Width);
        _weight = _kernels.Prepare(Next(Width, Width), WeightLayout.InputByOutput, Precision.Float32);
        _gain = Next(1, Width);
        _statistics = Next(Rows, 2);
        _table = Next(256, HeadSize);
        _indices = _kernels.Allocate(DType.Int32, Rows);
        _positions = _indices.View(Rows, 1);
        _kernels.Write<int>(_positions, [.. Enumerable.Range(0, Rows).Select(row => row % 256)]);

        MatrixView Next(int rows, int columns)
        {
            var view = new MatrixView(_buffer, offset, rows, columns, columns);
            _kernels.FillNormal(view, 1, new RandomKey(1, RandomPurpose.Initialization, 0, (uint)(offset / Width)));
            offset += (long)rows * columns;
            return view;
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _weight.Dispose();
        _buffer.Dispose();
        _indices.Dispose();
        _kernels.Dispose();
    }

    [Benchmark]
    public void Linear() => _kernels.Linear(new LinearArguments { X = _x, Weight = _weight, Y = _y });

    [Benchmark]
    public void LinearWithGelu() => _kernels.Linear(new LinearArguments { X = _x, Weight = _weight, Y = _y, Activation = Activation.Gelu });

    [Benchmark]
    public void LayerNorm() => _kernels.LayerNorm(_x, _gain, default, 1e-5, _y, _statistics);

    [Benchmark]
    public void RmsNorm() => _kernels.RmsNorm(_x, _gain, 1e-5, _y, _statistics.SliceColumns(0, 1));

    [Benchmark]
    public void Rotate() => _kernels.Rotate(_x, _positions, _table, HeadSize, Rotation.Forward, _y);

    [Benchmark]
    public void GateWithSilu() => _kernels.Gate(Activation.Silu, _x.SliceColumns(0, Width / 2), _x.SliceColumns(Width / 2, Width / 2), _y.SliceColumns(0, Width / 2));

    [Benchmark]
    [Arguments(0)]
    [Arguments(64)]
    public void Attention(int window)
    {
        var shape = new AttentionShape
        {
            BatchSize = 16,
            QueryCount = 256,
            KeyCount = 256,
            KeyCapacity = 256,
            HeadCount = 6,
            KeyHeadCount = 6,
            HeadSize = HeadSize,
            Causal = true,
            Window = window,
        };
        _kernels.Attention(shape, _x, _x, _x, default, _y, default);
    }
}
