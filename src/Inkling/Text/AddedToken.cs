namespace Inkling.Text;

/// <summary>A token that is found in the text as a whole, before anything is normalised or split.</summary>
/// <param name="Content">What spells it.</param>
/// <param name="Id">Its id.</param>
public sealed record AddedToken(string Content, int Id)
{
    /// <summary>It steers the model (<c>&lt;|endoftext|&gt;</c>) and is recognised only where the caller allows; others always are.</summary>
    public bool IsSpecial { get; init; } = true;

    /// <summary>It swallows white space before it.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>It swallows white space after it.</summary>
    public bool StripsRight { get; init; }

    /// <summary>It is not found inside a word.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>The file says that it is looked for in the normalised text. Kept for saving; it is looked for in the text as it is.</summary>
    public bool IsNormalized { get; init; }
}
