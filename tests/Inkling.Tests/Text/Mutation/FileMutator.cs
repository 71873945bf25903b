using System.Text;

namespace Inkling.Tests.Text.Mutation;

/// <summary>Damages files at random. The same seed, samples and case number give the same damage.</summary>
/// <param name="seed">Decides about everything.</param>
/// <param name="samples">Good files of one kind, none of them empty.</param>
/// <param name="fragments">Pieces that mean something in files of this kind.</param>
internal sealed class FileMutator(int seed, byte[][] samples, byte[][] fragments)
{
    // Small enough that any loader is done with a file at once, large enough that one which is not linear is found.
    private const int MaxByteCount = 1 << 18;

    private static readonly byte[][] Extremes =
    [
        .. new[]
        {
            "-1", "0", "1", "00", "255", "256", "65536", "1114112", "2147483647", "2147483648", "-2147483648", "4294967295", "9223372036854775808",
            "99999999999999999999999999", "0.5", "1e9", "1e999", "-0", "NaN", "Infinity",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    // Sizes and marks of binary files: the longest variable-length numbers, huge lengths, infinities.
    private static readonly byte[][] Binary =
    [
        [0x00], [0x7F], [0x80], [0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0xFF, 0xFF, 0xFF, 0x7F], [0x00, 0x00, 0x80, 0x7F], [0x00, 0x00, 0xC0, 0x7F],
        [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ];

    private static readonly (string Open, string Close)[] Nests =
        [("[", "]"), ("{\"a\":", "}"), ("{\"type\":\"Sequence\",\"normalizers\":[", "]}"), ("{\"type\":\"Sequence\",\"pretokenizers\":[", "]}"), ("(", ")")];

    /// <summary>What decides about everything.</summary>
    public int Seed => seed;

    /// <summary>One damaged file.</summary>
    public byte[] Next(int number)
    {
        // Not HashCode, which differs from process to process.
        var random = new Random(unchecked((Seed * 486_187_739) + (number * 16_777_619)));
        byte[] file = samples[random.Next(samples.Length)];
        for (int edits = random.Next(3) == 0 ? random.Next(2, 6) : 1; edits > 0 && file.Length > 0; edits--)
            file = Damage(file, random);

        return file.Length <= MaxByteCount ? file : file[..MaxByteCount];
    }

    private byte[] Damage(byte[] file, Random random)
    {
        int at = random.Next(file.Length);
        int end = Math.Min(file.Length, at + (random.Next(4) == 0 ? random.Next(1, 1_000) : random.Next(1, 20)));
        switch (random.Next(18))
        {
            case 0 or 1 or 2:
                return Replace(file, at, at + 1, [(byte)(file[at] ^ (1 << random.Next(8)))]);
            case 3:
                return Replace(file, at, at + 1, [(byte)random.Next(256)]);
            case 4:
                return file[..at];
            case 5:
                return Replace(file, at, end, []);
            case 6 or 7:
                return Replace(file, at, at, Repeat(file[at..end], random));
            case 8:
                return Replace(file, at, at, Repeat([(byte)random.Next(32, 127)], random));
            case 9:
                byte[] other = samples[random.Next(samples.Length)];
                return [.. file[..at], .. other[random.Next(other.Length)..]];
            case 10 or 11:
                return Replace(file, at, at, Any(fragments.Length == 0 ? Extremes : fragments, random));
            case 12 or 13:
                return ReplaceWord(file, at, Any(Extremes, random), char.IsAsciiDigit);
            case 14:
                byte[] binary = Any(Binary, random);
                return Replace(file, at, Math.Min(file.Length, at + binary.Length), binary);
            case 15:
                return ReplaceWord(file, at, Nest(random), char.IsAsciiLetterOrDigit);
            case 16:
                return SwapLines(file, at, random.Next(file.Length));
            default:
                byte[] rest = Replace(file, at, end, []);
                int target = random.Next(rest.Length + 1);
                return Replace(rest, target, target, file[at..end]);
        }
    }

    private static byte[] Replace(byte[] file, int start, int end, byte[] content) => [.. file.AsSpan(0, start), .. content, .. file.AsSpan(end)];

    private static byte[] Any(byte[][] choices, Random random) => choices[random.Next(choices.Length)];

    // Mostly a few times.
    private static byte[] Repeat(byte[] piece, Random random)
    {
        int times = Math.Min(MaxByteCount / piece.Length, 1 << random.Next(random.Next(8) == 0 ? 18 : 6));
        var repeated = new byte[times * piece.Length];
        for (int i = 0; i < times; i++)
            piece.CopyTo(repeated, i * piece.Length);

        return repeated;
    }

    // The next number or word from a place on.
    private static byte[] ReplaceWord(byte[] file, int at, byte[] replacement, Func<char, bool> belongs)
    {
        while (at < file.Length && !belongs((char)file[at]))
            at++;

        int end = at;
        while (end < file.Length && belongs((char)file[end]))
            end++;

        return Replace(file, at, end, replacement);
    }

    // Mostly closed again; often very deep.
    private static byte[] Nest(Random random)
    {
        (string open, string close) = Nests[random.Next(Nests.Length)];
        int depth = Math.Min(MaxByteCount / (open.Length + close.Length), 1 << random.Next(random.Next(2) == 0 ? 18 : 8));
        bool closes = random.Next(4) != 0;
        return Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat(open, depth)) + (closes ? "1" + string.Concat(Enumerable.Repeat(close, depth)) : ""));
    }

    private static byte[] SwapLines(byte[] file, int first, int second)
    {
        (int firstStart, int firstEnd) = LineAt(file, Math.Min(first, second));
        (int secondStart, int secondEnd) = LineAt(file, Math.Max(first, second));
        return firstStart == secondStart
            ? file
            : [.. file[..firstStart], .. file[secondStart..secondEnd], .. file[firstEnd..secondStart], .. file[firstStart..firstEnd], .. file[secondEnd..]];
    }

    private static (int Start, int End) LineAt(byte[] file, int at)
    {
        int start = file.AsSpan(0, at).LastIndexOf((byte)'\n') + 1;
        int length = file.AsSpan(at).IndexOf((byte)'\n');
        return (start, length < 0 ? file.Length : at + length + 1);
    }
}
