namespace Inkling.Text.Normalization;

/// <summary>What a normaliser has to know about a character.</summary>
[Flags]
internal enum UnicodeTraits : ushort
{
    /// <summary>Nothing that any of them changes.</summary>
    None = 0,

    /// <summary>Never part of a text in form D.</summary>
    ChangesInD = 1,

    /// <summary>Never part of a text in form KD.</summary>
    ChangesInKD = 2,

    /// <summary>Never part of a text in form C, or composed with what stands before it.</summary>
    MayChangeInC = 4,

    /// <summary>The same in form KC.</summary>
    MayChangeInKC = 8,

    /// <summary>Its canonical decomposition begins with what is put in order or composed with what stands before it.</summary>
    Continues = 16,

    /// <summary>The same of its compatibility decomposition.</summary>
    ContinuesInK = 32,

    /// <summary>A mark of Unicode 9 (Mn, Mc, Me): what Hugging Face's <c>StripAccents</c> removes.</summary>
    Mark = 64,

    /// <summary>A nonspacing mark of Unicode 8: what Hugging Face's <c>BertNormalizer</c> removes as an accent.</summary>
    NonspacingMark = 128,

    /// <summary>A control or format character of Unicode 8 (Cc, Cf): what Hugging Face's <c>BertNormalizer</c> removes when it cleans.</summary>
    Control = 256,
}
