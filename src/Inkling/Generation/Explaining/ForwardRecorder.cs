using Inkling.Kernels;
using Inkling.Tensors;

namespace Inkling.Generation.Explaining;

/// <summary>Copies out what a forward pass shows, because blocks reuse each other's memory.</summary>
internal sealed class ForwardRecorder(IKernels kernels) : IProbe
{
    private readonly Dictionary<string, float[][]> _tensors = [];

    /// <summary>The rows of a tensor by its name.</summary>
    public float[][] this[string name] => _tensors[name];

    public void Observe(string name, Tensor tensor) => _tensors[name] = Rows(kernels, tensor.View);

    public static float[][] Rows(IKernels kernels, MatrixView view)
    {
        var numbers = new float[view.Count];
        kernels.Read<float>(view, numbers);
        return [.. Enumerable.Range(0, view.Rows).Select(row => numbers.AsSpan(row * view.Columns, view.Columns).ToArray())];
    }
}
