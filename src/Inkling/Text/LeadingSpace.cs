namespace Inkling.Text;

/// <summary>What decoding does with the space that encoding put before the first word.</summary>
internal enum LeadingSpace
{
    /// <summary>It stays: encoding puts none there.</summary>
    Stays,

    /// <summary>The first token loses it.</summary>
    FirstTokenLosesIt,

    /// <summary>Each token loses one, up to the first of which something is left.</summary>
    EachTokenLosesIt,
}
