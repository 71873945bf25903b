using Inkling.Kernels;

namespace Inkling.Tensors.Operations;

/// <summary>The differentiable operations: each has its forward pass here and its backward pass in the node beside it.</summary>
public static partial class Operation
{
    /// <summary>
    /// y = residual + dropout(activation(x·W + bias)). The summands of a residual sum and the activation cost no pass over
    /// memory of their own.
    /// </summary>
    /// <param name="step">The pass.</param>
    /// <param name="x">Inputs (B, T, K).</param>
    /// <param name="weight">W, K inputs and N outputs.</param>
    /// <param name="bias">(1, N), or null.</param>
    /// <param name="activation">Applied to the sum.</param>
    /// <param name="dropout">Applied after the activation.</param>
    /// <param name="residual">Added last, (B, T, N), or none.</param>
    /// <returns>(B, T, N).</returns>
    public static Tensor Linear(
        Step step, Tensor x, Parameter weight, Parameter? bias = null, Activation activation = Activation.None, Dropout dropout = default, Tensor residual = default)
    {
        var y = step.Allocate(x.Shape.WithChannels(weight.Prepared.OutputCount)); // (B, T, N)
        var saves = step.Tape is not null && activation != Activation.None;
        var preactivation = saves ? step.Arena.Allocate(y.View.Rows, y.View.Columns) : default;
        step.Kernels.Linear(new LinearArguments
        {
            X = x.View,
            Weight = weight.Prepared,
            Bias = bias?.Value ?? default,
            Activation = activation,
            Preactivation = preactivation,
            Dropout = dropout,
            Residual = residual.View,
            Y = y.View,
        });
        if (step.Tape is { } tape)
        {
            tape.Uses(weight);
            tape.Uses(bias);
            var node = tape.Record<LinearNode>();
            (node.Output, node.X, node.Residual) = (y, x, residual);
            (node.Weight, node.Bias) = (weight, bias);
            (node.Activation, node.Preactivation, node.Dropout) = (activation, preactivation, dropout);
        }

        return y;
    }

    /// <summary>Adds the shares of y = x·W + bias to the gradients of W and bias, where these are trained.</summary>
    private static void AddParameterGradients(Step step, Tape tape, Parameter weight, Parameter? bias, MatrixView x, MatrixView dy)
    {
        if (bias is not null && tape.Gradients.Holds(bias))
        {
            step.Kernels.LinearBackwardBias(dy, tape.Gradients.Target(bias, out var accumulate), accumulate);
        }

        if (tape.Gradients.Holds(weight))
        {
            var target = tape.Gradients.Target(weight, out var accumulate);
            step.Kernels.LinearBackwardWeight(x, dy, target, weight.Description.Layout, weight.Store.Precision, accumulate);
        }
    }

    private sealed class LinearNode : TapeNode
    {
        public Tensor X { get; set; }

        public Tensor Residual { get; set; }

        public Parameter? Weight { get; set; }

        public Parameter? Bias { get; set; }

        public Activation Activation { get; set; }

        public MatrixView Preactivation { get; set; }

        public Dropout Dropout { get; set; }

        public override void Skip(Tape tape)
        {
            tape.Contributed(Bias);
            tape.Contributed(Weight);
        }

        public override void Backward(Step step, Tape tape)
        {
            var kernels = step.Kernels;
            var dy = tape.Gradient(Output);

            // The gradient of the sum x·W + bias. It may take the place of dy, unless the residual wants that too.
            var copies = !Residual.IsNone && (Dropout.IsActive || Activation != Activation.None);
            var dSum = copies ? tape.Take(step, dy.Rows, dy.Columns) : dy;
            if (Dropout.IsActive)
            {
                kernels.ApplyDropout(dy, Dropout, dSum);
            }

            if (Activation != Activation.None)
            {
                kernels.ActivateBackward(Activation, Preactivation, Dropout.IsActive ? dSum : dy, dSum);
            }

            AddParameterGradients(step, tape, Weight!, Bias, X.View, dSum);
            tape.Contributed(Bias);
            tape.Contributed(Weight);
            if (X.NeedsGradient)
            {
                kernels.LinearBackwardInput(dSum, Weight!.Prepared, tape.Target(step, X, out var accumulate), accumulate);
            }

            if (copies)
            {
                tape.Return(dSum);
            }

            if (!Residual.IsNone)
            {
                tape.HandOver(step, Output, Residual);
            }
        }
    }
}
