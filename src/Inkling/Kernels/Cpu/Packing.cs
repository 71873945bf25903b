namespace Inkling.Kernels.Cpu;

/// <summary>
/// Lays the right operand of a product out for <see cref="Tiles{V}"/>: panels of 2W columns, in each panel the 2W values of
/// step 0, then those of step 1, and so on; the last panel is padded with zeros.
/// </summary>
internal static unsafe class Packing<V>
    where V : unmanaged, ISimd<V>
{
    // Terms that are rounded before they are transposed: few enough for the stack and the first cache.
    private const int RoundedTerms = 64;

    // Panels that are packed together, row by row: so much of a row that memory gives it nearly as fast as it can. One by one takes half as long again.
    private const int StripPanels = 4;

    private static int Width => Tiles<V>.Width;

    public static int PanelCount(int columns) => ((columns - 1) / Width) + 1;

    /// <summary>Elements of 4 bytes of a packed operand.</summary>
    public static long Size(int steps, int columns) => (long)PanelCount(columns) * Width * steps;

    /// <summary>Steps of a sum of so many terms.</summary>
    public static int Steps<TFormat>(int terms)
        where TFormat : struct, IOperandFormat<V>
        => (terms + TFormat.TermsPerStep - 1) / TFormat.TermsPerStep;

    /// <summary>Packs panels of b where b(k, n) = source[k·pitch + n]; source begins at the first panel's first column.</summary>
    public static void Pack<TFormat>(TFormat format, float* source, nint pitch, int terms, int columns, float* panels)
        where TFormat : struct, IOperandFormat<V>
        => Pack(format, source, pitch, terms, columns, panels, (nint)Steps<TFormat>(terms) * Width);

    /// <summary>The same for some of the steps of panels that lie <paramref name="panelSize"/> elements apart.</summary>
    public static void Pack<TFormat>(TFormat format, float* source, nint pitch, int terms, int columns, float* panels, nint panelSize)
        where TFormat : struct, IOperandFormat<V>
    {
        var whole = columns / Width;
        for (var panel = 0; panel < whole; panel += StripPanels)
        {
            format.PackPanels(source + (panel * Width), pitch, terms, Math.Min(StripPanels, whole - panel), panels + (panel * panelSize), panelSize);
        }

        if (whole * Width < columns)
        {
            var last = panels + (whole * panelSize);
            new Span<float>(last, Steps<TFormat>(terms) * Width).Clear();
            format.PackColumns(source + (whole * Width), pitch, terms, columns - (whole * Width), last, Width);
        }
    }

    /// <summary>Packs one panel of b where b(k, n) = source[n·pitch + k]; source begins at the panel's first row.</summary>
    public static void PackTransposed<TFormat>(TFormat format, float* source, nint pitch, int terms, int columns, float* panel)
        where TFormat : struct, IOperandFormat<V>
    {
        if (columns < Width)
        {
            new Span<float>(panel, Steps<TFormat>(terms) * Width).Clear();
        }

        columns = Math.Min(columns, Width);
        if (TFormat.ReadsInPlace)
        {
            Transposition.Copy(source, pitch, panel, Width, columns, terms);
            return;
        }

        var rounded = stackalloc float[RoundedTerms * Width];
        for (var k = 0; k < terms; k += RoundedTerms)
        {
            var count = Math.Min(RoundedTerms, terms - k);
            format.PackRows(source + k, pitch, columns, count, rounded, RoundedTerms);
            Transposition.Copy(rounded, RoundedTerms, panel + (k / TFormat.TermsPerStep * Width), Width, columns, Steps<TFormat>(count));
        }
    }
}
