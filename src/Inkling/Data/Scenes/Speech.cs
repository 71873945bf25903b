using Inkling.Data.Scenes.Grammar;
using static Inkling.Data.Scenes.Grammar.Rules;
using static Inkling.Data.Scenes.Words;

namespace Inkling.Data.Scenes;

/// <summary>
/// What people say. To add something, add it to a list: what stands before its first brace must not be the beginning of
/// another entry of that list, nor the other way round; a test says so.
/// </summary>
internal static class Speech
{
    /// <summary>The bone of contention is a quality and a thing; the deed is what was done to it.</summary>
    public static readonly Variable<string> Quality = new(slot: 2, Adjectives, word => word);
    public static readonly Variable<Noun> Object = new(slot: 3, Things, noun => noun.One);
    public static readonly Variable<Verb> Deed = new(slot: 4, Verbs, verb => verb.Past);

    /// <summary>Where the scene is set.</summary>
    public static readonly Variable<string> Place = new(slot: 5, Places, word => word);

    private static readonly Node Owned = InOrder(Quality.Remember(), new Literal(" "), Object.Remember());

    public static Node Accusation(Voice me, Voice you) => Say(me, $"{me.Cry} {OneOf(
        $"You {Deed.Remember()} {me.My} {Owned}!",
        $"Who {Deed.Remember()} {me.My} {Owned}, {you}?",
        $"Admit it, you {Deed.Remember()} {me.My} {Owned}!",
        $"So you {Deed.Remember()} {me.My} {Owned}, you {Adjective} {Insult}!",
        $"Some {Insult} {Deed.Remember()} {me.My} {Owned}.",
        $"Last night you {Deed.Remember()} {me.My} {Owned}!")}");

    public static Node Denial(Voice me, Voice you) => Say(me, $"{me.Cry} {OneOf(
        $"{me.I} never {Deed} it. {CapitalAnAdjective} {Creature} did!",
        $"It was {AnAdjective}, {Adjective} {Creature}, {you}!",
        $"{CapitalAnAdjective} {Creature} {Deed} it and {Did} {me.My} {Thing}.",
        $"Blame the {Adjective} {Creature} with the {Adjective} {Thing}!",
        $"That was no {Object}! That was {AnAdjective} {Thing}.",
        $"Your {Object} {Did} {me.My} {Adjective} {Creature} first!",
        $"Ask {me.My} {Creature}, or {me.My} {Adjective} {Creature}.",
        $"What {Object}? {me.I} {Did} {AnAdjective} {Thing}.",
        $"Nonsense! {me.I} only {Did} {AnAdjective} {Thing}.")}");

    public static Node Abuse(Voice me, Voice you) => Say(me, OneOf(
        $"You {Adjective}, {Adjective}, {Adjective} {Insult}!",
        $"What {AnAdjective} {Insult} you are, you {Adjective} {Insult}!",
        $"Liar! You smell of {Adjective} {Creature} and {Adjective} {Thing}.",
        $"Only {AnAdjective}, {Adjective} {Insult} would say so.",
        $"Then bring back the {Object}, you {Adjective}, {Adjective} {Insult}!",
        $"Get out of this {Place}, you {Adjective}, {Adjective} {Insult}!",
        $"Pah! {CapitalAnAdjective} {Insult} in {AnAdjective} {Thing}!",
        $"May {AnAdjective} {Creature} {Do} your {Adjective} {Thing}!",
        $"Your {Thing} is {Adjective} and your {Creature} is {Adjective}.",
        $"{me.CapitalMy} {Adjective} {Creature} is less {Adjective} than you, {you}!"));

    public static Node Bargain(Voice me, Voice you) => Say(me, OneOf(
        $"Take {me.My} {Adjective} {Thing} and {me.My} {Adjective} {Creature} for it.",
        $"{me.I} offer {AnAdjective} {Thing}, {AnAdjective} {Thing} and {AnAdjective} {Creature}.",
        $"Would {AnAdjective} {Creature} and {AnAdjective} {Thing} do, {you}?",
        $"How about {AnAdjective} {Thing}, {AnAdjective} {Creature} and {AnAdjective} {Thing}?",
        $"Peace! Here is {AnAdjective} {Creature} in {AnAdjective} {Thing}.",
        $"Let us swap: the {Object} for {AnAdjective} {Thing} and {AnAdjective} {Creature}."));

    public static Node Reply(Voice me, Voice you) => Say(me, $"{me.Cry} {OneOf(
        (6, Sums.Sum),
        (1, $"Keep your {Adjective} {Thing}. {me.I} want {me.My} {Object}!"),
        (1, $"For a {Object}? {me.I} want {AnAdjective} {Creature} and {AnAdjective} {Thing}!"),
        (1, $"Done! But the {Creature} is {Adjective}, {you}."),
        (1, $"Never! {me.CapitalMy} {Object} {Did} {AnAdjective} {Creature}."),
        (1, $"{CapitalAnAdjective} {Thing} is too {Adjective} for {AnAdjective} {Insult}."))}");

    /// <summary>Somebody sings.</summary>
    public static Node Song(Voice me) => InOrder(
        Line($"{me} {OneOf("sings", "hums", "howls", "whistles", "mumbles", "yodels", "croaks", "bellows")} to {AnAdjective} {Creature}:"),
        Verse.Couplet);

    /// <summary>How a scene ends.</summary>
    public static Node Ending(Voice loser) => Line(OneOf(
        $"Exit {loser}, chased by {AnAdjective} {Creature}.",
        $"Enter {AnAdjective} {Creature}, with the {Quality} {Object}.",
        $"The {Quality} {Object} {Did} them both.",
        $"They share the {Object} with {AnAdjective} {Creature}.",
        $"Then {AnAdjective}, {Adjective} {Creature} {Did} the {Object}.",
        $"Nobody saw the {Adjective} {Creature} that {Deed} the {Object}.",
        $"All dance in the {Place} with {AnAdjective} {Creature}."));

    private static Node Say(Voice me, Phrase words) => Line($"{me}: {words.Node}");
}
