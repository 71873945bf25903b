using Inkling.Data.Scenes.Grammar;
using static Inkling.Data.Scenes.Grammar.Rules;

namespace Inkling.Data.Scenes;

/// <summary>One of the two people of a scene, as the lines need them; who that is follows from the beginning of the scene.</summary>
internal sealed class Voice(int slot)
{
    /// <summary>Who it is.</summary>
    public Variable<Speaker> Who { get; } = new(slot, Speaker.All, who => who.Name);

    /// <summary>"I", at the beginning of a sentence.</summary>
    public Node I => Who.Recall(who => who.I);

    /// <summary>"my", inside a sentence.</summary>
    public Node My => Who.Recall(who => who.My);

    /// <summary>"My", at the beginning of a sentence.</summary>
    public Node CapitalMy => Who.Recall(who => Words.Capital(who.My));

    /// <summary>What such a person begins with when moved.</summary>
    public Node Cry => Who.Given(who => OneOf(who.Cries));

    /// <summary>The name.</summary>
    public static implicit operator Node(Voice voice) => voice.Who.Recall();
}
