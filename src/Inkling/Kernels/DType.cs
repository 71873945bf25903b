namespace Inkling.Kernels;

/// <summary>Type of the elements of a <see cref="DeviceBuffer"/>.</summary>
public enum DType
{
    /// <summary>IEEE 754 single precision, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754 double precision, 8 bytes; the reference kernels check gradients with it.</summary>
    Float64,

    /// <summary>Signed 32-bit integer, for token ids and positions.</summary>
    Int32,
}

/// <summary>Facts about each <see cref="DType"/>.</summary>
public static class DTypes
{
    /// <summary>Size of one element in bytes.</summary>
    public static int ByteSize(this DType type) => type == DType.Float64 ? sizeof(double) : sizeof(float);

    /// <summary>The element type that stores <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double or int.</exception>
    public static DType Of<T>()
        where T : unmanaged
        => typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(int) ? DType.Int32
        : throw new NotSupportedException($"No buffer stores {typeof(T).Name}; use float, double or int.");
}
