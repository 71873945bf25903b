namespace Inkling.Text;

/// <summary>What an encoder does with special tokens such as <c>&lt;|endoftext|&gt;</c>. By default they are text like any other.</summary>
[Flags]
public enum SpecialTokenUse
{
    /// <summary>Text that looks like a special token is just text, so that nobody can forge one.</summary>
    None = 0,

    /// <summary>Where the text spells a special token, that token is meant.</summary>
    Recognize = 1,

    /// <summary>The tokens that the tokenizer's file puts around every text are put there.</summary>
    Add = 2,
}
