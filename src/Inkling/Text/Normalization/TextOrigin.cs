namespace Inkling.Text.Normalization;

/// <summary>Where a text comes from: from <paramref name="Offset"/> on in <paramref name="Source"/>, or in the original where that is null.</summary>
internal readonly record struct TextOrigin(NormalizedText? Source, int Offset)
{
    /// <summary>The same text from a later byte on.</summary>
    public TextOrigin Skip(int count) => this with { Offset = Offset + count };

    /// <summary>The bytes of the original that those from <paramref name="start"/> to <paramref name="end"/> of this text stand for.</summary>
    public (int Start, int End) Map(int start, int end)
    {
        (start, end) = (start + Offset, end + Offset);
        for (NormalizedText? source = Source; source is not null; source = source.Origin.Source)
        {
            (start, end) = source.InputOf(start, end);
            (start, end) = (start + source.Origin.Offset, end + source.Origin.Offset);
        }

        return (start, end);
    }
}
