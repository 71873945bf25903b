namespace Inkling.Data.Scenes;

/// <summary>Who speaks, and how one hears it.</summary>
/// <param name="Name">At most six letters, since it stands before every line.</param>
/// <param name="I">What the speaker says for "I", at the beginning of a sentence.</param>
/// <param name="My">What the speaker says for "my".</param>
/// <param name="Cries">What the speaker begins with when moved.</param>
internal sealed record Speaker(string Name, string I, string My, params string[] Cries)
{
    public static readonly Speaker[] All =
    [
        new("Baby", "I", "my", "Waah!", "Goo!", "Mama!", "No, no, no!"),
        new("Cat", "I", "my", "Purr.", "Bored now.", "Feed me.", "Meow."),
        new("Clown", "I", "my", "Oops!", "Ha ha ha!", "Knock, knock!", "Ta-da!"),
        new("Cook", "I", "my", "Sizzle!", "Burnt again!", "More pepper!", "Taste this!"),
        new("Dog", "I", "my", "Woof!", "Ball!", "Squirrel!", "Walk?"),
        new("Duke", "I", "my", "Egad!", "I say!", "Good grief!", "Tea first!"),
        new("Ghost", "I", "my late", "Boo!", "Wooo!", "Alas!", "Rattle, rattle."),
        new("Goose", "I", "my", "Honk!", "Hiss!", "Honk, honk!", "Flap, flap!"),
        new("Judge", "I", "my", "Order!", "Guilty!", "Objection!", "Next case!"),
        new("Knight", "I", "mine own", "En garde!", "Forsooth!", "Have at thee!", "Zounds!"),
        new("Monk", "I", "my", "Om.", "Bless you.", "Patience.", "Let go."),
        new("Moth", "I", "my", "A lamp!", "So bright!", "Flutter, flutter.", "Ouch, hot!"),
        new("Nurse", "I", "my", "There, there.", "Open wide.", "Hush now.", "Say aah."),
        new("Owl", "I", "my", "Hoot!", "Too-whoo!", "As I foresaw.", "Yawn."),
        new("Pirate", "I", "me", "Arr!", "Ahoy!", "Yo ho ho!", "Shiver me toes!"),
        new("Poet", "I", "my", "O woe!", "Ah, spring!", "Sigh.", "Sweet muse!"),
        new("Queen", "We", "our", "Silence!", "Kneel!", "Fie!", "Fetch a chair!"),
        new("Robot", "I", "my", "Beep.", "Bzzt.", "Error!", "Beep, boop."),
        new("Snail", "I", "my", "Wait...", "One moment...", "Slowly...", "Um..."),
        new("Spy", "I", "my", "Psst!", "Trust nobody.", "Act natural.", "Shh!"),
        new("Toad", "I", "my", "Croak!", "Ribbit.", "Gulp!", "Burp!"),
        new("Troll", "Me", "me", "Grr!", "Hungry!", "Smash!", "Ugh!"),
        new("Witch", "I", "my", "Hee hee!", "Zap!", "By my wart!", "Abra... bother!"),
        new("Yeti", "I", "my", "Brrr!", "Too hot!", "Snowball!", "Roar!"),
    ];
}
