using System.Text;

namespace Inkling.Tests.Text.Normalization;

/// <summary>Writes a table of replacements in SentencePiece's binary form, with a double array that is built in the plainest way.</summary>
internal static class CharsMapWriter
{
    private const uint Leaf = 1u << 31;

    /// <summary>Writes the table.</summary>
    public static byte[] Write(params (string From, string To)[] replacements)
    {
        var strings = new MemoryStream();
        var rules = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach ((string from, string to) in replacements)
        {
            // Latin-1 keeps bytes as characters, so that ordinal order is the order of the bytes.
            rules.Add(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(from)), (int)strings.Length);
            strings.Write(Encoding.UTF8.GetBytes(to));
            strings.WriteByte(0);
        }

        uint[] units = Build(rules);
        return [.. BitConverter.GetBytes(sizeof(uint) * units.Length), .. units.SelectMany(BitConverter.GetBytes), .. strings.ToArray()];
    }

    private static uint[] Build(SortedDictionary<string, int> rules)
    {
        var units = new uint[1 << 12];
        var isUsed = new bool[units.Length];
        isUsed[0] = true;
        var places = new HashSet<int>(); // two nodes at one would have each other's children
        var waiting = new Queue<(string Prefix, int Node)>([("", 0)]);
        while (waiting.TryDequeue(out (string Prefix, int Node) item))
        {
            char[] labels = [.. rules.Keys.Where(key => key.StartsWith(item.Prefix, StringComparison.Ordinal) && key.Length > item.Prefix.Length)
                .Select(key => key[item.Prefix.Length]).Distinct()];
            bool hasValue = rules.TryGetValue(item.Prefix, out int value);
            int place = Enumerable.Range(1, units.Length - 256).First(place =>
                !(hasValue && isUsed[place]) && Array.TrueForAll(labels, label => !isUsed[place ^ label]) && !places.Contains(place));
            places.Add(place);
            units[item.Node] |= (uint)(place ^ item.Node) << 10 | (hasValue ? 1u << 8 : 0);
            if (hasValue)
            {
                units[place] = Leaf | (uint)value;
                isUsed[place] = true;
            }

            foreach (char label in labels)
            {
                units[place ^ label] = label;
                isUsed[place ^ label] = true;
                waiting.Enqueue((item.Prefix + label, place ^ label));
            }
        }

        return units;
    }
}
