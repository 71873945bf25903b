using System.Buffers;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Inkling.Text.Splitting;

/// <summary>
/// A regular expression that nobody has written a scanner for. It runs in .NET's engine, in linear time where that can, with a time limit in any case.
/// </summary>
internal sealed class RegexPattern : TextPattern
{
    // A text that takes longer is meant to take long. Larger ones have more, in proportion.
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(2);
    private const double SecondsPerByte = 4e-6;

    private readonly string _pattern;
    private readonly Regex _regex;

    /// <summary>Prepares the search.</summary>
    /// <param name="pattern">As files have it, for Oniguruma or Rust.</param>
    /// <exception cref="FormatException">.NET has nothing equal.</exception>
    public RegexPattern(string pattern)
    {
        _pattern = pattern;
        _regex = RegexTranslation.Create(pattern, LeastTime);
    }

    protected override (string Kind, string Content) Form => ("Regex", _pattern);

    /// <inheritdoc/>
    public override void FindMatches(ReadOnlySpan<byte> text, List<ByteRange> matches)
    {
        char[] characters = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            int count = 0;
            for (int at = 0, length; at < text.Length; at += length)
                characters[count++] = RegexAlphabet.At(text, at, out length);

            Find(characters.AsSpan(0, count), text, matches);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    private void Find(ReadOnlySpan<char> characters, ReadOnlySpan<byte> text, List<ByteRange> matches)
    {
        TimeSpan limit = LeastTime + TimeSpan.FromSeconds(SecondsPerByte * text.Length);
        long begin = Stopwatch.GetTimestamp();
        (int character, int offset, int lastEnd) = (0, 0, -1);
        try
        {
            foreach (ValueMatch match in _regex.EnumerateMatches(characters))
            {
                if (Stopwatch.GetElapsedTime(begin) > limit)
                    throw new PatternTimeoutException(_pattern, text.Length, limit);

                // Right behind a match an empty one says nothing, and the engines that files are written for skip it.
                if (match.Length == 0 && match.Index == lastEnd)
                    continue;

                int start = Advance(text, ref character, ref offset, match.Index);
                int end = Advance(text, ref character, ref offset, match.Index + match.Length);
                matches.Add(new ByteRange(start, end));
                lastEnd = match.Index + match.Length;
            }
        }
        catch (RegexMatchTimeoutException)
        {
            throw new PatternTimeoutException(_pattern, text.Length, limit);
        }
    }

    private static int Advance(ReadOnlySpan<byte> text, ref int character, ref int offset, int wanted)
    {
        for (; character < wanted; character++)
        {
            RegexAlphabet.At(text, offset, out int length);
            offset += length;
        }

        return offset;
    }
}
