using Inkling.Kernels;
using Inkling.Tensors;
using Inkling.Tensors.Operations;

namespace Inkling.Layers;

/// <summary>y = x·W + b.</summary>
public sealed class Linear : Module
{
    /// <summary>Adds <c>name.weight</c> (inputs, outputs) and, with <paramref name="hasBias"/>, <c>name.bias</c> to the parameters.</summary>
    public Linear(ParameterStore parameters, string name, int inputs, int outputs, bool hasBias, double standardDeviation)
    {
        Weight = parameters.Add(new ParameterDescription
        {
            Name = name + ".weight",
            Rows = inputs,
            Columns = outputs,
            Layout = WeightLayout.InputByOutput,
            Initialization = Initialization.Normal(standardDeviation),
            Decays = true,
        });
        Bias = hasBias ? parameters.AddVector(name + ".bias", outputs, Initialization.Zero) : null;
    }

    /// <summary>W, (inputs, outputs).</summary>
    public Parameter Weight { get; }

    /// <summary>b, (1, outputs), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Step step, Tensor x) => Operation.Linear(step, x, Weight, Bias);

    /// <summary>residual + dropout(activation(x·W + b)) in one operation.</summary>
    public Tensor Forward(Step step, Tensor x, Activation activation = Activation.None, Dropout dropout = default, Tensor residual = default)
        => Operation.Linear(step, x, Weight, Bias, activation, dropout, residual);
}
