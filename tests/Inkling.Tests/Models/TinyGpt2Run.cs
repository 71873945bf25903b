using Inkling.Kernels;
using Inkling.Models;
using Inkling.Tensors;
using Inkling.Tests.Kernels;
using Inkling.Training;

namespace Inkling.Tests.Models;

/// <summary>A <see cref="TinyGpt2Case"/> in training, by the parts that the trainer is made of.</summary>
internal sealed class TinyGpt2Run : IDisposable
{
    private readonly TinyGpt2Case _case;
    private readonly IKernels _kernels;
    private readonly Gpt _model;
    private readonly Arena _arena;
    private readonly Tape _tape;
    private readonly TokenBatch _batch;
    private readonly MatrixView _targets;
    private readonly MatrixView _weights;
    private readonly MatrixView _losses;
    private readonly MatrixView _control;
    private int _updates;

    public TinyGpt2Run(TinyGpt2Case @case, IKernels kernels)
    {
        var (count, T) = (@case.Tokens.Length, @case.Config.ContextLength);
        _case = @case;
        _kernels = kernels;
        _model = new Gpt(@case.Config, kernels);
        foreach (var parameter in Parameters)
            kernels.WriteNumbers(parameter.Value, @case.Numbers("weights", parameter.Name));

        Gradients = new GradientStore(_model.Parameters);
        Optimizer = new AdamOptimizer(_model.Parameters, @case.Options);
        _arena = new Arena(kernels);
        _tape = new Tape(Gradients);
        _batch = new TokenBatch(Column(@case.Tokens), Column([.. Enumerable.Range(0, count).Select(i => i % T)]), count / T, T);
        _targets = Column(@case.Targets);
        _weights = kernels.Matrix(count, 1, [.. Enumerable.Repeat(1.0 / @case.Targets.Count(target => target >= 0), count)]);
        _losses = kernels.Matrix(count, 1);
        _control = kernels.Matrix(1, 4);
    }

    public IReadOnlyList<Parameter> Parameters => _model.Parameters.Parameters;

    public DeviceBuffer Values => _model.Parameters.Values;

    public GradientStore Gradients { get; }

    public AdamOptimizer Optimizer { get; }

    /// <summary>(B, T, V).</summary>
    public double[] Logits()
    {
        var step = Begin(tape: null);
        return _kernels.ReadNumbers(_model.Logits(step, _model.Forward(step, _batch)).View);
    }

    /// <summary>Forward and backward.</summary>
    /// <returns>The loss of each token, as the mean counts it.</returns>
    public double[] ComputeGradients()
    {
        var step = Begin(_tape);
        Gradients.Begin();
        _model.Loss(step, _model.Forward(step, _batch), _targets, _weights, _losses);
        _kernels.Sum(_losses, _control.SliceColumns(0, 1), accumulate: false);
        _tape.Backward(step);
        Gradients.End();
        return _kernels.ReadNumbers(_losses);
    }

    /// <returns>Loss and gradient norm before this update, and the factor that clipped the gradient.</returns>
    public (double Loss, double Norm, double ClipFactor) Update()
    {
        Optimizer.Step(Gradients, _control, _case.Options.LearningRate, ++_updates, double.PositiveInfinity);
        var control = _kernels.ReadNumbers(_control);
        return (control[0], control[1], control[3]);
    }

    public void Dispose()
    {
        _arena.Dispose();
        Optimizer.Dispose();
        Gradients.Dispose();
        _model.Dispose();
    }

    private Step Begin(Tape? tape)
    {
        _arena.Reset();
        _tape.Clear();
        return new Step(_kernels, _arena) { Tape = tape, IsTraining = tape is not null };
    }

    private MatrixView Column(int[] numbers)
    {
        var view = _kernels.Allocate(DType.Int32, numbers.Length).View(numbers.Length, 1);
        _kernels.Write<int>(view, numbers);
        return view;
    }
}
