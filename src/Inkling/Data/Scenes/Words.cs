using Inkling.Data.Scenes.Grammar;
using static Inkling.Data.Scenes.Grammar.Rules;

namespace Inkling.Data.Scenes;

/// <summary>
/// The words of the scenes. In a list no word may be the beginning of another (bun, bunny), so that a reader knows where each one ends;
/// a test names those that are.
/// </summary>
internal static class Words
{
    /// <summary>Adjectives of one syllable.</summary>
    public static readonly string[] ShortAdjectives = List("""
        bald bent blue blunt bold brave burnt calm cheap cold crisp cross damp dry dull faint fierce flat fresh glum
        grand green grim hoarse huge keen limp loud mild neat numb odd old pale pink plain plump posh prim proud
        quick raw ripe rough round rude sharp shy sly smooth smug soft sour spry square stale stern stiff strange tame
        thin vain vast warm weird wet wild wise
        """);

    /// <summary>Adjectives of two syllables, the first of them stressed: the beat of the songs depends on it.</summary>
    public static readonly string[] LongAdjectives = List("""
        angry awful bashful bitter bouncy clumsy crooked dizzy dusty eager empty fancy foggy frozen funny fuzzy
        gentle giddy gloomy golden greasy grumpy hairy hasty haunted hollow humble hungry icy inky itchy jolly lazy
        leaky lonely lumpy magic modest muddy musty nervous nimble noble noisy oily purple rusty salty secret
        shabby silent silly silver sleepy slimy sneaky soggy solemn spotty sticky stolen stubborn ticklish tiny
        ugly velvet wicked windy wobbly wooden woolly yellow zesty
        """);

    /// <summary>What people quarrel about.</summary>
    public static readonly Noun[] Treasures = Nouns("""
        anchor banjo cup drum goblet harp kite mirror sausage sword trumpet umbrella
        """);

    /// <summary>What they pay with.</summary>
    public static readonly Noun[] Things = Nouns("""
        apron axe barrel basket bell boot bottle broom:brooms brush:brushes bucket bun button cage cake candle cape
        carpet carrot chair cheese cloak clock comb cork crown curtain egg fan feather fiddle flag flute fork glove
        gong hammer hat helmet hook jar jug kettle key ladder ladle lamp lantern letter map melon mop mug needle oar
        onion oven paddle pear pencil pickle pie pillow pipe plum pot pudding puppet purse quill rake ring rope rug
        saddle scarf:scarves shoe shovel slipper sock spoon stool table teapot ticket tie tub turnip vase violin wagon
        whistle wig
        """);

    /// <summary>Who gets the blame.</summary>
    public static readonly Noun[] Creatures = Nouns("""
        ant badger bat beaver beetle camel clam crab crow donkey duck eel ferret flea fox:foxes frog gnat goat
        hamster hare hedgehog hen hippo horse lamb lizard llama lobster mole monkey mouse:mice mule newt otter
        ox:oxen panda parrot pony:ponies pig prawn puffin rabbit rat robin seal shark skunk sloth spider squid:squid
        stoat swan tiger trout:trout turkey turtle vole walrus:walruses wasp weasel whale wolf:wolves wombat worm yak zebra
        """);

    /// <summary>What people call each other.</summary>
    public static readonly string[] Insults = List("""
        bandit biscuit blockhead buffoon cabbage coward crumpet doorknob dumpling fibber fraud gherkin goblin haddock
        kipper lettuce lout meddler muffin mushroom noodle nuisance omelette pancake parsnip pest potato radish
        rascal rogue rotter scamp scoundrel sneak snob sprout teacup thief turnip tyrant villain walnut windbag
        """);

    /// <summary>Deeds, in the past and as an infinitive, all of one syllable.</summary>
    public static readonly Verb[] Verbs = [.. List("""
        ate:eat bit:bite boiled:boil broke:break brushed:brush chased:chase cooked:cook cursed:curse dropped:drop
        fed:feed found:find fried:fry froze:freeze grabbed:grab hid:hide hugged:hug kicked:kick kissed:kiss
        licked:lick lost:lose mashed:mash mocked:mock pinched:pinch poked:poke robbed:rob sank:sink shook:shake
        sniffed:sniff sold:sell squashed:squash stole:steal swapped:swap took:take washed:wash wed:wed woke:wake
        wrapped:wrap
        """).Select(pair => new Verb(pair.Split(':')[0], pair.Split(':')[1]))];

    /// <summary>Where scenes are set.</summary>
    public static readonly string[] Places = List("""
        attic bakery barn bog castle cave cellar chapel circus cottage dungeon forest garden harbour inn jail kitchen
        library market meadow mill museum orchard palace pantry pub school shed stable station swamp tavern temple
        tower tunnel village wardrobe zoo
        """);

    /// <summary>Numbers from nought on; scenes use those from two to eighteen.</summary>
    public static readonly string[] Numbers = List("""
        nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen
        """);

    public static readonly string[] Adjectives = [.. ShortAdjectives, .. LongAdjectives];

    public static readonly Node Adjective = OneOf(Adjectives);
    public static readonly Node Insult = OneOf(Insults);
    public static readonly Node Did = OneOf(Verbs.Select(verb => verb.Past));
    public static readonly Node Do = OneOf(Verbs.Select(verb => verb.Infinitive));
    public static readonly Node Number = OneOf(Numbers[2..10]);

    // The space belongs to the choice, because every alternative has to print something.
    private static readonly Node OrTwo = OneOf(" ", $", {Adjective} ");
    public static readonly Node AnAdjective = OneOf(Adjectives.Select(An));
    private static readonly Node CapitalAnAdjective = OneOf(Adjectives.Select(word => Capital(An(word))));

    /// <summary>One adjective or two, with the space after them.</summary>
    public static readonly Node Quality = InOrder(Adjective, OrTwo);

    /// <summary>An article, or what stands in its place, and adjectives.</summary>
    public static readonly Node Some = InOrder(
        OneOf(
            (4, AnAdjective),
            (2, $"the {Adjective}"),
            (1, $"that {Adjective}"),
            (1, $"this {Adjective}"),
            (1, $"your {Adjective}"),
            (1, $"her {Adjective}"),
            (1, $"his {Adjective}")),
        OrTwo);

    /// <summary>The same at the beginning of a sentence.</summary>
    public static readonly Node CapitalSome = InOrder(
        OneOf(
            (4, CapitalAnAdjective),
            (2, $"The {Adjective}"),
            (1, $"Your {Adjective}"),
            (1, $"Her {Adjective}"),
            (1, $"His {Adjective}"),
            (1, $"Some {Adjective}")),
        OrTwo);

    public static readonly Node Creature = OneOf(Creatures.Select(noun => noun.One));
    public static readonly Node CreaturesInPlural = OneOf(Creatures.Select(noun => noun.Many));
    public static readonly Node Thing = OneOf(Things.Select(noun => noun.One));
    public static readonly Node ThingsInPlural = OneOf(Things.Select(noun => noun.Many));

    /// <summary>Something to give away.</summary>
    public static readonly Node Goods = OneOf(
        (2, $"{Some}{Thing}"),
        (1, $"{Number} {Quality}{ThingsInPlural}"),
        (1, $"some {Quality}{CreaturesInPlural}"));

    /// <summary>Puts a or an before a word: by its first letter, so words like "hour" and "unicorn" cannot be used.</summary>
    public static string An(string word) => ("aeiou".Contains(word[0]) ? "an " : "a ") + word;

    public static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];

    /// <summary>The words of a text.</summary>
    public static string[] List(string text) => text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static Noun[] Nouns(string text) =>
        [.. List(text).Select(word => word.Split(':')).Select(forms => new Noun(forms[0], forms.Length > 1 ? forms[1] : forms[0] + "s"))];
}

/// <summary>A noun for one and for many.</summary>
internal sealed record Noun(string One, string Many);

/// <summary>A verb in the past and as an infinitive.</summary>
internal sealed record Verb(string Past, string Infinitive);
