namespace Inkling.Generation;

/// <summary>What the model still sees when a text has outgrown its context of T tokens.</summary>
public enum WindowRule
{
    /// <summary>The last T ÷ 2 tokens, the newest included, which then grow to T again: one prefill every T ÷ 2 tokens, the cache serves all others.</summary>
    KeepHalf,

    /// <summary>The last T tokens, as the tutorials have it. Every position moves with every token, so each costs a full forward pass.</summary>
    Exact,
}
