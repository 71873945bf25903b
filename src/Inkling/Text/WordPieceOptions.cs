namespace Inkling.Text;

/// <summary>How a <c>vocab.txt</c> is used, which the file itself does not say; the defaults are those of BERT's uncased models.</summary>
public sealed record WordPieceOptions
{
    /// <summary>Letters become small ones.</summary>
    public bool Lowercases { get; init; } = true;

    /// <summary>Letters lose their accents; null to do so where <see cref="Lowercases"/>.</summary>
    public bool? StripsAccents { get; init; }

    /// <summary>Each Chinese character is a word.</summary>
    public bool SeparatesChinese { get; init; } = true;
}
