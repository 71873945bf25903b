using System.Text;
using Inkling.Data;
using Inkling.Data.Scenes;

namespace Inkling.Tests.Data.Scenes;

public sealed class SceneCorpusTests
{
    [Fact]
    public void A_text_is_whole_scenes_until_it_is_long_enough()
    {
        TextCorpus corpus = SceneCorpus.Create(10_000, seed: 1);

        Assert.Equal("scenes", corpus.Name);
        Assert.InRange(corpus.ByteCount, 10_000, 11_000);
        Assert.EndsWith(".\n\n", TextOf(corpus), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shorter_text_is_the_beginning_of_a_longer_one() =>
        Assert.StartsWith(TextOf(SceneCorpus.Create(5_000, seed: 1)), TextOf(SceneCorpus.Create(10_000, seed: 1)), StringComparison.Ordinal);

    [Fact]
    public void The_same_seed_gives_the_same_text_on_every_machine() =>
        // Changes with every change of the grammar; then take the new value.
        Assert.Equal("ddf37415325e3ca3215a31be24cedd986e149b4ae9ab06616e899427e15de65a", SceneCorpus.Create(100_000, seed: 1).Sha256);

    [Fact]
    public void Another_seed_gives_another_text() =>
        Assert.NotEqual(TextOf(SceneCorpus.Create(1, seed: 1)), TextOf(SceneCorpus.Create(1, seed: 2)));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_000_001)]
    public void A_length_out_of_range_is_refused(int characterCount) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SceneCorpus.Create(characterCount, seed: 1));

    [Fact]
    public void The_mean_surprise_of_a_long_text_comes_close_to_the_entropy()
    {
        double[] surprise = SceneCorpus.Surprise(TextOf(SceneCorpus.Create(2_000_000, seed: 2)));

        // Scenes have 202 ± 19 nats, so the mean of 4,400 of them has a standard error of 0.3, or 0.0006 nats per character; three times that.
        Assert.Equal(SceneCorpus.EntropyPerCharacter, surprise.Average(), 0.002);
        Assert.All(surprise, nats => Assert.InRange(nats, 0, 20));
    }

    [Fact]
    public void What_is_recalled_is_no_surprise()
    {
        string text = TextOf(SceneCorpus.Create(100, seed: 1));
        double[] surprise = SceneCorpus.Surprise(text);

        string firstName = text[..text.IndexOf(' ', StringComparison.Ordinal)];
        int start = text.IndexOf($"\n{firstName}: ", StringComparison.Ordinal);
        Assert.Equal(0, surprise[start..(start + firstName.Length + 3)].Sum());
    }

    [Fact]
    public void Surprise_needs_a_text_that_starts_with_a_scene()
    {
        string text = TextOf(SceneCorpus.Create(1_000, seed: 1));

        Assert.Empty(SceneCorpus.Surprise(""));
        Assert.Throws<ArgumentException>(() => SceneCorpus.Surprise(text[3..]));
        Assert.Throws<ArgumentNullException>(() => SceneCorpus.Surprise(null!));
    }

    [Fact]
    public void The_scene_in_the_documentation_is_one()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "built-in-corpus.md")).ReplaceLineEndings("\n");
        string scene = page.Split("```\n")[1] + "\n";

        Assert.InRange(SceneCorpus.Surprise(scene).Sum(), 100, 300);
    }

    internal static string TextOf(TextCorpus corpus) => Encoding.ASCII.GetString(corpus.Bytes.Span);
}
