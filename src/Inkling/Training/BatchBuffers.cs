using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Training;

/// <summary>Inputs, targets and losses of one pass, on both sides of the waist.</summary>
internal sealed class BatchBuffers : IDisposable
{
    private readonly IKernels _kernels;
    private readonly DeviceBuffer _integers;
    private readonly DeviceBuffer _reals;
    private readonly int[] _inputs;
    private readonly int[] _targets;
    private readonly int _capacity;

    /// <summary>Room for <paramref name="sequences"/> windows of up to <paramref name="contextLength"/> tokens.</summary>
    /// <param name="kernels">Where the buffers live.</param>
    /// <param name="sequences">Windows B.</param>
    /// <param name="contextLength">Tokens per window T.</param>
    /// <param name="weight">What the loss of each token counts.</param>
    public BatchBuffers(IKernels kernels, int sequences, int contextLength, double weight)
    {
        _kernels = kernels;
        _capacity = checked(sequences * contextLength);
        _integers = kernels.Allocate(DType.Int32, 3L * _capacity);
        _reals = kernels.Allocate(kernels.Real, 2L * _capacity);
        (_inputs, _targets) = (new int[_capacity], new int[_capacity]);

        var positions = new int[_capacity];
        for (var i = 0; i < _capacity; i++)
        {
            positions[i] = i % contextLength;
        }

        kernels.Write<int>(Column(_integers, 2, _capacity), positions);
        kernels.Fill(Column(_reals, 0, _capacity), weight);
    }

    /// <summary>Host memory for the inputs, to be filled before <see cref="Load"/>.</summary>
    public Span<int> Inputs => _inputs;

    /// <summary>Host memory for the targets.</summary>
    public Span<int> Targets => _targets;

    /// <summary>Sends the first windows to the device. Windows shorter than the context must come one at a time.</summary>
    public LoadedBatch Load(int sequences, int length)
    {
        var count = sequences * length;
        var tokens = Column(_integers, 0, count);
        var targets = Column(_integers, 1, count);
        _kernels.Write<int>(tokens, _inputs.AsSpan(0, count));
        _kernels.Write<int>(targets, _targets.AsSpan(0, count));
        return new LoadedBatch(
            new TokenBatch(tokens, Column(_integers, 2, count), sequences, length), targets, Column(_reals, 0, count), Column(_reals, 1, count));
    }

    public void Dispose()
    {
        _integers.Dispose();
        _reals.Dispose();
    }

    private MatrixView Column(DeviceBuffer buffer, int number, int count) => new(buffer, (long)number * _capacity, count, 1, 1);
}

/// <summary>One pass's input, and where its losses go; all but the tokens are (B·T, 1).</summary>
internal readonly record struct LoadedBatch(TokenBatch Tokens, MatrixView Targets, MatrixView Weights, MatrixView Losses);
