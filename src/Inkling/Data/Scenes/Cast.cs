namespace Inkling.Data.Scenes;

/// <summary>Who speaks, and how one hears it.</summary>
/// <param name="Name">At most six letters, since it stands before every line.</param>
/// <param name="I">What the speaker says for "I", at the beginning of a sentence.</param>
/// <param name="My">What the speaker says for "my".</param>
/// <param name="Cries">What the speaker begins with when moved.</param>
internal sealed record Speaker(string Name, string I, string My, params string[] Cries)
{
    /// <summary>Old feuds: everybody quarrels with the two others of theirs and with nobody else.</summary>
    private static readonly Speaker[][] Feuds =
    [
        [
            new("Cat", "I", "my", "Purr.", "So?", "Feed me.", "Meow.", "Yawn.", "Mine!"),
            new("Dog", "I", "my", "Woof!", "Ball!", "Squirrel!", "Walk?", "Sniff.", "Bone?"),
            new("Goose", "I", "my", "Honk!", "Hiss!", "Flap!", "Honk, honk!", "Peck!", "Bread?"),
        ],
        [
            new("Queen", "We", "our", "Kneel!", "Fie!", "Bow!", "Guards!", "How rude!", "Off!"),
            new("Duke", "I", "my", "Egad!", "I say!", "Quite.", "Tea!", "Pish!", "Bravo!"),
            new("Clown", "I", "my", "Oops!", "Hee hee!", "Ta-da!", "Boing!", "Pie!", "Splat!"),
        ],
        [
            new("Judge", "I", "my", "Order!", "Guilty!", "Next!", "Silence!", "Bang!", "Hang it!"),
            new("Pirate", "I", "me", "Arr!", "Ahoy!", "Yo ho!", "Rum!", "Avast!", "Gold!"),
            new("Spy", "I", "my", "Psst!", "Shh!", "Trust me.", "Duck!", "Code red!", "Aha!"),
        ],
        [
            new("Knight", "I", "mine own", "En garde!", "Zounds!", "Forsooth!", "Clang!", "Fie!", "Hark!"),
            new("Witch", "I", "my", "Hee hee!", "Zap!", "Hex!", "Newts!", "Cackle!", "Poof!"),
            new("Troll", "Me", "me", "Grr!", "Hungry!", "Smash!", "Ugh!", "Toll!", "Huh?"),
        ],
        [
            new("Cook", "I", "my", "Sizzle!", "Burnt!", "Salt!", "Taste this!", "Yum!", "Soup!"),
            new("Baby", "I", "my", "Waah!", "Goo!", "Mama!", "No!", "Want!", "Hic!"),
            new("Snail", "I", "my", "Wait...", "Slowly...", "Um...", "Hold on...", "Puff...", "Soon..."),
        ],
        [
            new("Ghost", "I", "my", "Boo!", "Wooo!", "Alas!", "Rattle.", "Clank!", "Moan."),
            new("Monk", "I", "my", "Om.", "Peace.", "Let go.", "Breathe.", "Gong!", "Hmm."),
            new("Nurse", "I", "my", "There, there.", "Hush.", "Say aah.", "Gargle!", "Pills!", "Sit!"),
        ],
        [
            new("Poet", "I", "my", "O woe!", "Ah, spring!", "Sigh.", "Sweet muse!", "Weep!", "Lo!"),
            new("Owl", "I", "my", "Hoot!", "Who?", "Wrong.", "I knew it.", "Twit!", "Read!"),
            new("Moth", "I", "my", "A lamp!", "So bright!", "Flutter.", "Ouch!", "Light!", "Wool?"),
        ],
        [
            new("Robot", "I", "my", "Beep.", "Bzzt.", "Error!", "Boop.", "Whirr.", "Oil?"),
            new("Yeti", "I", "my", "Brrr!", "Too hot!", "Snow!", "Roar!", "Ice?", "Brush me!"),
            new("Toad", "I", "my", "Croak!", "Ribbit.", "Gulp!", "Burp!", "Plop!", "Flies?"),
        ],
    ];

    /// <summary>Everybody.</summary>
    public static readonly Speaker[] All = [.. Feuds.SelectMany(feud => feud)];

    /// <summary>Whether the two have a feud.</summary>
    public bool QuarrelsWith(Speaker other) => other != this && Feuds.Any(feud => feud.Contains(this) && feud.Contains(other));
}
