using Inkling.Generation;

namespace Inkling.Tests.Generation;

public sealed class StopDetectorTests
{
    [Theory]
    [InlineData("ABABABC", "AB", "ABABC")]
    [InlineData("AAAAB", "AA", "AAB")]
    [InlineData("AABAAABAAC", "AABA", "AABAAC")]
    [InlineData("ABC", "", "ABC")]
    [InlineData("xABC", "x", "ABC", "BC")] // complete at the same character: the longest
    [InlineData("xABCD", "xA", "ABCD", "BC")] // the one that is complete first, though another began before it
    [InlineData("one\n\ntwo", "one", "\n\n", "two")]
    [InlineData("a😁b😀c", "a😁b", "😀")] // they begin with the same UTF-16 code unit
    public void The_first_stop_string_ends_the_text_however_it_is_cut(string text, string expected, params string[] stops)
    {
        foreach (var length in Enumerable.Range(1, text.Length))
        {
            var detector = new StopDetector(stops);

            Assert.Equal(expected, string.Concat(text.Chunk(length).Select(piece => detector.Append(new string(piece)))));

            Assert.NotNull(detector.Found);
            Assert.Equal(("", ""), (detector.Append("more"), detector.Flush()));
        }
    }

    [Fact]
    public void What_may_begin_a_stop_string_is_held_back_until_that_is_decided()
    {
        var detector = new StopDetector("ABABC");

        Assert.Equal(
            ["x", "", "", "", "", "AB", "", "ABABD", "", "A", ""],
            new[] { "x", "A", "B", "A", "B", "A", "B", "D", "A", "A", "B" }.Select(detector.Append));
        Assert.Equal("AB", detector.Flush());
        Assert.Null(detector.Found);
    }

    [Fact]
    public void Without_stop_strings_all_text_passes_at_once()
    {
        var detector = new StopDetector();
        var text = "any text";

        Assert.Same(text, detector.Append(text));
        Assert.Equal(("", null), (detector.Flush(), detector.Found));
    }

    [Fact]
    public void An_empty_stop_string_is_refused()
        => Assert.Equal(
            "A stop string is empty; give at least one character.", Assert.Throws<ArgumentException>(() => new StopDetector("a", "")).Message);

    /// <summary>Texts and stop strings of few letters, so that they overlap in every way.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Streaming_equals_searching_the_whole_text(int stopCount)
    {
        var random = new Random(stopCount);
        var stopped = 0;
        for (var trial = 0; trial < 5_000; trial++)
        {
            string[] stops = [.. Enumerable.Range(0, stopCount).Select(_ => RandomWord(random, 1, 7))];
            var text = RandomWord(random, 0, 40);
            var detector = new StopDetector(stops);
            var shown = "";
            for (int at = 0, end; at < text.Length && detector.Found is null; at = end)
            {
                end = Math.Min(text.Length, at + random.Next(1, 6));
                shown += detector.Append(text[at..end]);
                if (detector.Found is null)
                    Assert.Equal(end - LongestBeginning(stops, text[..end]), shown.Length);
            }

            shown += detector.Flush();

            var first = stops.Where(stop => text.Contains(stop, StringComparison.Ordinal))
                .OrderBy(stop => text.IndexOf(stop, StringComparison.Ordinal) + stop.Length).ThenByDescending(stop => stop.Length).FirstOrDefault();
            Assert.Equal(first, detector.Found);
            Assert.Equal(first is null ? text : text[..text.IndexOf(first, StringComparison.Ordinal)], shown);
            stopped += first is null ? 0 : 1;
        }

        Assert.InRange(stopped, 1_000, 4_900); // both outcomes were tried
    }

    /// <summary>By definition: the longest beginning of a stop string that the text ends with.</summary>
    private static int LongestBeginning(string[] stops, string text)
        => stops.Max(stop => Enumerable.Range(0, stop.Length).Last(length => text.EndsWith(stop[..length], StringComparison.Ordinal)));

    private static string RandomWord(Random random, int least, int most)
        => string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => random.Next(5) < 4 ? (char)('A' + random.Next(2)) : 'C'));
}
