using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Inkling.Tests.Text;

/// <summary>Generators of texts that look for trouble.</summary>
internal static class RandomText
{
    /// <summary>Non-empty strings of valid characters: letters, controls, byte-order marks, and everything up to U+10FFFF.</summary>
    public static Gen<string> Strings { get; } =
        Gen.Frequency(
                (4, Gen.Choose(0x00, 0x7F)),
                (2, Gen.Choose(0x80, 0x7FF)),
                (2, Gen.Choose(0x800, 0xD7FF)),
                (1, Gen.Choose(0xE000, 0xFFFF)),
                (2, Gen.Choose(0x10000, 0x10FFFF)),
                (1, Gen.Constant(0xFEFF)))
            .Select(codePoint => new Rune(codePoint).ToString())
            .NonEmptyListOf()
            .Select(characters => string.Concat(characters));

    /// <summary>Bytes that are often, but not always, pieces of UTF-8.</summary>
    public static Gen<byte[]> Bytes { get; } =
        Gen.OneOf(
                Strings.Select(Encoding.UTF8.GetBytes),
                Gen.Choose(0, 255).Select(value => new[] { (byte)value }),
                Strings.Select(text => Encoding.UTF8.GetBytes(text)[..^1]))
            .ListOf()
            .Select(pieces => pieces.SelectMany(piece => piece).ToArray());

    /// <summary>Cuts bytes into pieces of 1 to 5 bytes, at places that <paramref name="seed"/> decides.</summary>
    public static IEnumerable<byte[]> Cut(byte[] bytes, int seed)
    {
        var random = new Random(seed);
        for (int start = 0, end; start < bytes.Length; start = end)
        {
            end = Math.Min(bytes.Length, start + random.Next(1, 6));
            yield return bytes[start..end];
        }
    }
}
