using System.Text;

namespace Inkling.Tests.Text.Learning;

/// <summary>Texts of made-up words, of which some come often, with digits, punctuation and white space of all sorts.</summary>
internal static class RandomSentences
{
    /// <summary>A text of at least <paramref name="length"/> characters.</summary>
    public static byte[] Make(int length, int seed)
    {
        var random = new Random(seed);
        string[] words = [.. Enumerable.Range(0, 400).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => "etaoinéшř"[random.Next(9)])))];
        string[] ends = [" ", " ", " ", " ", ", ", ".\n", "\n\n", "  ", "'s ", " 12345 ", "\t", "!? ", "\r\n"];
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(words[(int)(words.Length * Math.Pow(random.NextDouble(), 3))]).Append(ends[random.Next(ends.Length)]);

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
