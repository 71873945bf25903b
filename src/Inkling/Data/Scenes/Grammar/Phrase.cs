using System.Runtime.CompilerServices;

namespace Inkling.Data.Scenes.Grammar;

/// <summary>Lets a rule be written as an interpolated string, with rules and variables in its holes: <c>$"Give me {Thing}!"</c>.</summary>
[InterpolatedStringHandler]
internal sealed class Phrase
{
    private readonly List<Node> _parts;

    /// <summary>What the compiler calls for an interpolated string.</summary>
    /// <param name="literalLength">Not needed.</param>
    /// <param name="formattedCount">The number of holes.</param>
    public Phrase(int literalLength, int formattedCount) => _parts = new List<Node>((2 * formattedCount) + Math.Min(literalLength, 1));

    private Phrase(Node node) => _parts = [node];

    public Node Node => _parts.Count == 1 ? _parts[0] : new Sequence(_parts);

    public static implicit operator Phrase(string text) => new(new Literal(text));

    public static implicit operator Phrase(Node node) => new(node);

    public void AppendLiteral(string text) => _parts.Add(new Literal(text));

    public void AppendFormatted(string text) => AppendLiteral(text);

    public void AppendFormatted(Node node) => _parts.Add(node);

    public void AppendFormatted(Variable variable) => _parts.Add(variable.Recall());
}
