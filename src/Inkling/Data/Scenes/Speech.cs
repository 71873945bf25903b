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
    /// <summary>The bone of contention has a colour or another quality; the deed is what was done to it.</summary>
    public static readonly Variable<string> Trait = new(slot: 2, Adjectives, word => word);
    public static readonly Variable<Noun> Object = new(slot: 3, Treasures, noun => noun.One);
    public static readonly Variable<Verb> Deed = new(slot: 4, Verbs, verb => verb.Past);

    /// <summary>Where the scene is set.</summary>
    public static readonly Variable<string> Place = new(slot: 5, Places, word => word);

    private static readonly Node Property = InOrder(Trait.Remember(), OneOf(" ", $", {Adjective} "), Object.Remember());
    private static readonly Node Stop = OneOf("!", ".");

    public static Node Accusation(Voice me, Voice you) => Say(me, $"{me.Cry} {OneOf(
        $"You {Deed.Remember()} {me.My} {Property}, you {Quality}{Insult}!",
        $"Who {Deed.Remember()} {me.My} {Property}, {you}?",
        $"Admit it, you {Deed.Remember()} {me.My} {Property}!",
        $"So you {Deed.Remember()} {me.My} {Property}{Stop}",
        $"Some {Quality}{Insult} {Deed.Remember()} {me.My} {Property}{Stop}",
        $"Last night you {Deed.Remember()} {me.My} {Property}{Stop}",
        $"Villain! You {Deed.Remember()} {me.My} {Property}{Stop}",
        $"Is it true that you {Deed.Remember()} {me.My} {Property}?")}");

    public static Node Denial(Voice me, Voice you) => Say(me, OneOf(
        $"{me.I} never {Deed} it. {CapitalSome}{Creature} did{Stop}",
        $"No, it was {Some}{Creature} or {Some}{Creature}{Stop}",
        $"{CapitalSome}{Creature} {Deed} it and {Did} {me.My} {Thing}{Stop}",
        $"Blame {Some}{Creature} with {Some}{Thing}{Stop}",
        $"That was no {Object}! That was {Some}{Thing}{Stop}",
        $"But your {Object} {Did} {me.My} {Quality}{Creature} first!",
        $"Ask {me.My} {Quality}{Creature} or {Some}{Creature}{Stop}",
        $"Not so! {CapitalSome}{Creature} and {Some}{Creature} did{Stop}",
        $"Yes! And {Some}{Creature} {Did} {Some}{Thing}{Stop}",
        $"True, but you {Did} {me.My} {Quality}{Thing}{Stop}",
        $"What {Object}? {me.I} {Did} {Some}{Thing}{Stop}",
        $"Nonsense! {me.I} {Did} {Some}{Thing}{Stop}"));

    public static Node Abuse(Voice me, Voice you) => Say(me, OneOf(
        $"You {Quality}{Insult}! You {Quality}{Insult}!",
        $"What {AnAdjective} {Insult} you are, {you}{Stop}",
        $"Liar! You smell of {Quality}{Creature} and {Quality}{Thing}{Stop}",
        $"Bring back the {Object}, you {Quality}{Insult}{Stop}",
        $"Out of this {Place}, you {Quality}{Insult}{Stop}",
        $"Pah! {CapitalSome}{Insult} in {Some}{Thing}{Stop}",
        $"Go and {Do} {Some}{Creature}, you {Quality}{Insult}{Stop}",
        $"Even {Some}{Creature} is less {Adjective} than you{Stop}",
        $"May {Some}{Creature} {Do} your {Quality}{Thing}{Stop}",
        $"Your {Thing} is {Adjective} and your {Creature} is {Adjective}{Stop}",
        $"{me.CapitalMy} {Quality}{Creature} is less {Adjective} than you!"));

    public static Node Bargain(Voice me, Voice you) => Say(me, OneOf(
        $"Take {Goods} and {Goods}{Stop}",
        $"{me.I} offer {AnAdjective} {Thing}, {AnAdjective} {Thing} and {AnAdjective} {Creature}{Stop}",
        $"Would {Goods} and {Goods} do, {you}?",
        $"How about {Goods} and {Goods}?",
        $"You may {Do} {me.My} {Quality}{Thing} and {me.My} {Quality}{Creature}{Stop}",
        $"Choose: {Goods} or {Goods}{Stop}",
        $"Peace! Have {Goods}{Stop} And {Goods}{Stop}",
        $"Let us swap: the {Object} for {Goods} and {Goods}{Stop}"));

    public static Node Reply(Voice me, Voice you) => Say(me, $"{me.Cry} {OneOf(
        (7, Sums.Sum),
        (1, $"Keep your {Quality}{Thing}. {me.I} want {me.My} {Object}!"),
        (1, $"For {Object.Recall(noun => An(noun.One))}? {me.I} want {Goods}{Stop}"),
        (1, $"Done! But the {Creature} is {Adjective}."),
        (1, $"Deal! Now {Do} {Some}{Creature}, you {Quality}{Insult}{Stop}"),
        (1, $"Never! {me.CapitalMy} {Object} {Did} {Some}{Creature}."),
        (1, $"{CapitalSome}{Thing} is too {Adjective} for {Some}{Insult}{Stop}"))}");

    /// <summary>Somebody sings.</summary>
    public static Node Song(Voice me) => InOrder(
        Line($"{me} {OneOf("sings", "hums", "howls", "whistles", "mumbles", "yodels", "croaks", "bellows")} to {Some}{Creature}:"),
        Verse.Couplet);

    /// <summary>How a scene ends.</summary>
    public static Node Ending(Voice loser) => Line(OneOf(
        $"Exit {loser}, chased by {Some}{Creature} and {Some}{Creature}.",
        $"Enter {Some}{Creature} in {Some}{Thing}.",
        $"The {Trait} {Object} {Did} {Some}{Creature}.",
        $"They sell the {Object} to {Some}{Creature}.",
        $"Then {Some}{Creature} {Did} {Some}{Thing}.",
        $"Too late: {Some}{Creature} {Did} the {Trait} {Object}.",
        $"A bell rings, and {Some}{Creature} {Did} them both.",
        $"Nobody saw {Some}{Creature} that {Deed} the {Object}.",
        $"All leave the {Place} with {Some}{Creature}."));

    private static Node Say(Voice me, Phrase words) => Line($"{me}: {words.Node}");
}
