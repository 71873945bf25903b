namespace Inkling.Formats;

/// <summary>Number types that are read from safetensors files, under the names they have there.</summary>
public enum SafetensorsType
{
    /// <summary>IEEE 754 double precision.</summary>
    F64,

    /// <summary>IEEE 754 single precision.</summary>
    F32,

    /// <summary>IEEE 754 half precision.</summary>
    F16,

    /// <summary>The upper half of a single: 8 bits of exponent, 7 of fraction.</summary>
    BF16,
}

/// <summary>Facts about each <see cref="SafetensorsType"/>.</summary>
public static class SafetensorsTypes
{
    /// <summary>Size of one element in bytes.</summary>
    public static int ByteSize(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 => 8,
        SafetensorsType.F32 => 4,
        _ => 2,
    };
}
