namespace Inkling.Text.Learning;

/// <summary>What the training of a tokenizer is at.</summary>
public enum TokenizerTrainingPhase
{
    /// <summary>The text is read, and its different pieces are counted.</summary>
    Reading,

    /// <summary>Pairs of tokens become tokens, until there are as many as wanted.</summary>
    Merging,

    /// <summary>Strings that come more than once are looked for, from which tokens are chosen.</summary>
    Searching,

    /// <summary>Those that are needed least are dropped, until there are as few as wanted.</summary>
    Choosing,
}
