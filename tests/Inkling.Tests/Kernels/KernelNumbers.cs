using Inkling.Kernels;

namespace Inkling.Tests.Kernels;

/// <summary>Moves doubles in and out of buffers of any type.</summary>
internal static class KernelNumbers
{
    public static void WriteNumbers(this IKernels kernels, MatrixView destination, double[] numbers)
    {
        switch (destination.Buffer.Type)
        {
            case DType.Int32:
                kernels.Write<int>(destination, Array.ConvertAll(numbers, number => (int)number));
                break;
            case DType.Float32:
                kernels.Write<float>(destination, Array.ConvertAll(numbers, number => (float)number));
                break;
            default:
                kernels.Write<double>(destination, numbers);
                break;
        }
    }

    public static double[] ReadNumbers(this IKernels kernels, MatrixView source)
    {
        return source.Buffer.Type switch
        {
            DType.Int32 => Array.ConvertAll(Read<int>(), number => (double)number),
            DType.Float32 => Array.ConvertAll(Read<float>(), number => (double)number),
            _ => Read<double>(),
        };

        T[] Read<T>()
            where T : unmanaged
        {
            var numbers = new T[source.Count];
            kernels.Read<T>(source, numbers);
            return numbers;
        }
    }

    /// <summary>A matrix of its own that holds the numbers.</summary>
    public static MatrixView Matrix(this IKernels kernels, int rows, int columns, params double[] numbers)
    {
        var view = kernels.Allocate(kernels.Real, (long)rows * columns).View(rows, columns);
        if (numbers.Length > 0)
            kernels.WriteNumbers(view, numbers);

        return view;
    }
}
