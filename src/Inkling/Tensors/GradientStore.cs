using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>
/// Gradients of a parameter store. The first to write one in a step overwrites, the others add, so nothing is cleared
/// between steps.
/// </summary>
public sealed class GradientStore(ParameterStore parameters) : IDisposable
{
    private readonly bool[] _written = new bool[parameters.Parameters.Count];

    /// <summary>Whose gradients these are.</summary>
    public ParameterStore Parameters { get; } = parameters;

    /// <summary>The flat gradients.</summary>
    public DeviceBuffer Buffer { get; } = parameters.CreateMirror();

    /// <summary>Before the first micro-batch of a step.</summary>
    public void Begin() => Array.Clear(_written);

    /// <summary>Whether this store holds the parameter's gradient; frozen parameters live elsewhere.</summary>
    public bool Holds(Parameter parameter) => ReferenceEquals(parameter.Store, Parameters);

    /// <summary>Where an operation writes its share of a gradient, and whether it must add to what is there.</summary>
    public MatrixView Target(Parameter parameter, out bool accumulate)
    {
        accumulate = _written[parameter.Index];
        _written[parameter.Index] = true;
        return parameter.In(Buffer);
    }

    /// <summary>After the last micro-batch: a parameter that nothing used has the gradient zero.</summary>
    public void End()
    {
        for (var i = 0; i < _written.Length; i++)
        {
            if (!_written[i])
            {
                Parameters.Kernels.Fill(Parameters.Parameters[i].In(Buffer), 0);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Buffer.Dispose();
}
