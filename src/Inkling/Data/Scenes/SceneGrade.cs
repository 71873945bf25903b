namespace Inkling.Data.Scenes;

/// <summary>How much of a text is as the scenes are. The first and the last line, which may be cut off, do not count.</summary>
/// <param name="WordCount">Runs of letters.</param>
/// <param name="RealWordCount">Those of them that scenes have, capitals included.</param>
/// <param name="LineCount">Lines that are not empty.</param>
/// <param name="GrammaticalLineCount">Those of them that are a line of some scene, whatever the rest of that scene is.</param>
/// <param name="CoupletCount">Pairs of indented lines.</param>
/// <param name="RhymingCoupletCount">Those of them whose last words rhyme and are not the same.</param>
/// <param name="SumCount">Lines in which two numbers make or leave a third.</param>
/// <param name="RightSumCount">Those of them that are right.</param>
public sealed record SceneGrade(
    int WordCount,
    int RealWordCount,
    int LineCount,
    int GrammaticalLineCount,
    int CoupletCount,
    int RhymingCoupletCount,
    int SumCount,
    int RightSumCount)
{
    /// <summary>Between 0 and 1; 0 when there are no words.</summary>
    public double RealWordFraction => (double)RealWordCount / Math.Max(WordCount, 1);

    /// <summary>Between 0 and 1; 0 when there are no lines.</summary>
    public double GrammaticalLineFraction => (double)GrammaticalLineCount / Math.Max(LineCount, 1);
}
