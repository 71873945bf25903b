using System.Text;
using Inkling.Text.Normalization;

namespace Inkling.Tests.Text.Normalization;

/// <summary>The definitions of UAX #15 word by word, over the whole text at once: the oracle of the fast code, with the same table.</summary>
internal static class NaiveNormalization
{
    public static string Normalize(string text, NormalizationForm form)
    {
        bool compatible = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        List<int> characters = Sort([.. text.EnumerateRunes().SelectMany(character => Decompose(character.Value, compatible))]);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC)
            Compose(characters);

        return string.Concat(characters.Select(character => new Rune(character).ToString()));
    }

    public static int ClassOf(int codePoint) => UnicodeTable.Instance[codePoint].Class;

    private static IEnumerable<int> Decompose(int codePoint, bool compatible)
    {
        if (codePoint is >= 0xAC00 and <= 0xD7A3)
        {
            int index = codePoint - 0xAC00;
            int[] parts = [0x1100 + (index / 588), 0x1161 + (index % 588 / 28), 0x11A7 + (index % 28)];
            return parts.Where(part => part != 0x11A7);
        }

        int[] packed = UnicodeTable.Instance.Decomposition(UnicodeTable.Instance[codePoint], compatible).ToArray();
        return packed.Length == 0 ? [codePoint] : packed.Select(part => part & UnicodeTable.CodePointMask);
    }

    // Neighbours of which the left has the higher class, and neither class 0, change places until there are none.
    private static List<int> Sort(List<int> characters)
    {
        for (int i = 1; i < characters.Count; i++)
        {
            for (int j = i; j > 0 && ClassOf(characters[j]) != 0 && ClassOf(characters[j - 1]) > ClassOf(characters[j]); j--)
                (characters[j - 1], characters[j]) = (characters[j], characters[j - 1]);
        }

        return characters;
    }

    // Each character is composed with the last of class 0 before it, unless one between them has class 0 or no lower class than it has.
    private static void Compose(List<int> characters)
    {
        for (int i = 1; i < characters.Count; i++)
        {
            int starter = characters.FindLastIndex(i - 1, character => ClassOf(character) == 0);
            if (starter < 0 || characters[(starter + 1)..i].Exists(between => ClassOf(between) >= ClassOf(characters[i])))
                continue;

            if (UnicodeTable.Instance.Compose(characters[starter], characters[i]) is var composed and not 0)
            {
                characters[starter] = composed;
                characters.RemoveAt(i--);
            }
        }
    }
}
