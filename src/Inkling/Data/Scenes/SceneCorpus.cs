using System.Buffers;
using System.Text;
using Inkling.Data.Scenes.Grammar;
using Inkling.Kernels;

namespace Inkling.Data.Scenes;

/// <summary>
/// A text that is made and not stored: short scenes in which two people quarrel, drawn from a grammar. Its entropy is
/// known, so a loss can be compared with the best possible one; and because it can be read back, what a model writes can be graded.
/// </summary>
public static class SceneCorpus
{
    /// <summary>What <see cref="TextCorpus.Name"/> is.</summary>
    public const string Name = "scenes";

    /// <summary>The longest text that can be asked for.</summary>
    public const int MaxCharacterCount = 1_000_000_000;

    /// <summary>H(scene) ÷ E[length of a scene] in nats per character: no model can have a lower loss on ever longer texts.</summary>
    public static double EntropyPerCharacter => Means.Value.Entropy / Means.Value.Length;

    /// <summary>E[length of a scene] in characters, the empty line at its end included.</summary>
    public static double MeanSceneLength => Means.Value.Length;

    private static readonly Lazy<ExactMeans> Means = new(() => ExactMeans.Of(Scene.Grammar));
    private static readonly Lazy<SceneGrader> Grader = new(() => new SceneGrader());

    /// <summary>
    /// Writes scenes, each of them a function of the seed and its number alone, so that a shorter text is the beginning of a longer one.
    /// </summary>
    /// <param name="characterCount">The text ends with the scene in which it gets this long.</param>
    /// <param name="seed">The same seed gives the same text on every machine.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not between 1 and <see cref="MaxCharacterCount"/>.</exception>
    public static TextCorpus Create(int characterCount, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(characterCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(characterCount, MaxCharacterCount);
        var text = new ArrayBufferWriter<byte>(characterCount + 1_000);
        var scene = new StringBuilder();
        for (uint number = 0; text.WrittenCount < characterCount; number++)
        {
            scene.Clear();
            Writer.Write(Scene.Grammar, new RandomKey(seed, RandomPurpose.Corpus, number, Site: 0), scene);
            Encoding.ASCII.GetBytes(scene.ToString(), text);
        }

        return new TextCorpus(Name, text.WrittenMemory);
    }

    /// <summary>
    /// −log p(character | all before it in its scene) for each character, in nats. The sum over a text is −log of its probability; the mean
    /// over a long one comes close to <see cref="EntropyPerCharacter"/>.
    /// </summary>
    /// <param name="text">Scenes, from the beginning of one on; the last may be cut off anywhere.</param>
    /// <exception cref="ArgumentException">The grammar cannot write this text.</exception>
    public static double[] Surprise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Reader(Scene.Grammar).Surprise(text);
    }

    /// <summary>Counts what in a text is as it should be: words, lines, rhymes, sums. Any text will do.</summary>
    public static SceneGrade Grade(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Grader.Value.Grade(text);
    }
}
