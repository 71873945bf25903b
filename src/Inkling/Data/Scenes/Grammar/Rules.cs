namespace Inkling.Data.Scenes.Grammar;

/// <summary>The words in which a grammar is written.</summary>
internal static class Rules
{
    /// <summary>One of several phrases, all equally likely.</summary>
    public static Node OneOf(params Phrase[] phrases) => new Choice([.. phrases.Select(phrase => (1, phrase.Node))]);

    /// <summary>One of several phrases, with chances in proportion to their weights.</summary>
    public static Node OneOf(params (int Weight, Phrase Phrase)[] phrases) =>
        new Choice([.. phrases.Select(weighted => (weighted.Weight, weighted.Phrase.Node))]);

    /// <summary>One of several words, all equally likely.</summary>
    public static Node OneOf(IEnumerable<string> words) => new Choice([.. words.Select(word => (1, (Node)new Literal(word)))]);

    /// <summary>A line, without the newline.</summary>
    public static Node Line(Phrase phrase) => new Line(phrase.Node);

    /// <summary>Several rules one after the other.</summary>
    public static Node InOrder(params Node[] parts) => new Sequence(parts);
}
