using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>Reads a few real numbers as doubles, whatever the kernels compute in.</summary>
internal static class RealReader
{
    /// <summary>Waits for the device, then copies a small view out.</summary>
    public static void ReadReals(this IKernels kernels, MatrixView source, Span<double> destination)
    {
        if (kernels.Real == DType.Float64)
        {
            kernels.Read(source, destination);
            return;
        }

        Span<float> values = stackalloc float[destination.Length];
        kernels.Read(source, values);
        for (var i = 0; i < values.Length; i++)
        {
            destination[i] = values[i];
        }
    }
}
