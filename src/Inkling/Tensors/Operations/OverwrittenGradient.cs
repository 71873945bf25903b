using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

/// <summary>
/// Where a kernel that overwrites puts an input's gradient. Where something else has contributed already, its result is added in a second step.
/// </summary>
internal readonly struct OverwrittenGradient
{
    private readonly MatrixView _gradient;
    private readonly bool _accumulates;

    public OverwrittenGradient(Step step, Tape tape, Tensor input)
    {
        _gradient = input.NeedsGradient ? tape.Target(step, input, out _accumulates) : default;
        View = _accumulates || _gradient.IsNone ? tape.Take(step, input.View.Rows, input.View.Columns) : _gradient;
    }

    /// <summary>For the kernel.</summary>
    public MatrixView View { get; }

    /// <summary>To be called once the kernel has been.</summary>
    public void Complete(Step step, Tape tape)
    {
        if (_accumulates)
        {
            step.Kernels.Add(_gradient, View, _gradient);
        }

        if (View != _gradient)
        {
            tape.Return(View);
        }
    }
}
