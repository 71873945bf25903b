using Inkling.Generation;

namespace Inkling.Tests.Generation;

public sealed class PenaltiesTests
{
    private static readonly GenerationOptions Off = new();

    [Fact]
    public void Without_a_penalty_there_is_nothing_to_apply()
    {
        Assert.Null(Penalties.Create(Off with { Temperature = 0, TopK = 1, TopP = 0.5, MinP = 0.5 }, 4, [1, 2]));
        Assert.NotNull(Penalties.Create(Off with { RepetitionPenalty = 1.1 }, 4, []));
        Assert.NotNull(Penalties.Create(Off with { PresencePenalty = 1 }, 4, []));
        Assert.NotNull(Penalties.Create(Off with { FrequencyPenalty = -1 }, 4, []));
    }

    [Fact]
    public void The_repetition_penalty_divides_positive_logits_and_multiplies_others_of_prompt_and_text()
    {
        var penalties = Penalties.Create(Off with { RepetitionPenalty = 2 }, 6, [0, 1])!;
        float[] logits = [3, -3, 3, -3, 0, 5];
        Assert.Equal([1.5f, -6, 3, -3, 0, 5], penalties.Apply(logits));

        penalties.Count(2);
        penalties.Count(3);
        penalties.Count(4);
        penalties.Count(4);

        Assert.Equal([1.5f, -6, 1.5f, -6, 0, 5], penalties.Apply(logits));
        Assert.Equal([3, -3, 3, -3, 0, 5], logits);
    }

    [Fact]
    public void Presence_is_subtracted_once_and_frequency_each_time_but_not_for_the_prompt()
    {
        var presence = Penalties.Create(Off with { PresencePenalty = 0.5 }, 3, [0])!;
        var frequency = Penalties.Create(Off with { FrequencyPenalty = 0.5 }, 3, [0])!;
        Array.ForEach([1, 2, 2, 2], presence.Count);
        Array.ForEach([1, 2, 2, 2], frequency.Count);

        Assert.Equal([1, 0.5f, 0.5f], presence.Apply([1, 1, 1]));
        Assert.Equal([1, 0.5f, -0.5f], frequency.Apply([1, 1, 1]));
    }

    [Fact]
    public void The_repetition_penalty_comes_first()
    {
        var penalties = Penalties.Create(Off with { RepetitionPenalty = 2, PresencePenalty = 1, FrequencyPenalty = 0.25 }, 1, [])!;
        penalties.Count(0);
        penalties.Count(0);

        Assert.Equal([(4f / 2) - 1 - (2 * 0.25f)], penalties.Apply([4]));
    }

    [Fact]
    public void An_enormous_penalty_leaves_the_logits_valid_and_invalid_ones_as_they_are()
    {
        foreach (var options in new[]
        {
            Off with { RepetitionPenalty = double.MaxValue }, Off with { RepetitionPenalty = double.Epsilon },
            Off with { FrequencyPenalty = double.MaxValue }, Off with { PresencePenalty = double.MinValue, FrequencyPenalty = double.MinValue },
        })
        {
            var penalties = Penalties.Create(options, 6, [0, 1, 2, 3, 4, 5])!;
            for (var token = 0; token < 6; token++)
            {
                penalties.Count(token);
                penalties.Count(token);
            }

            float[] logits = [.. penalties.Apply([3e38f, -3e38f, 0, float.NaN, float.PositiveInfinity, float.NegativeInfinity])];

            Assert.All(logits[..3], logit => Assert.True(float.IsFinite(logit)));
            Assert.Equal([float.NaN, float.PositiveInfinity, float.NegativeInfinity], logits[3..]);
        }
    }

    [Fact]
    public void Wrong_options_tokens_and_logits_are_refused()
    {
        var penalties = Penalties.Create(Off with { PresencePenalty = 1 }, 3, [])!;

        Assert.Equal(
            "The penalties were made for a vocabulary of 3, not for 4 logits.",
            Assert.Throws<ArgumentException>(() => penalties.Apply(new float[4]).Length).Message);
        Assert.Throws<IndexOutOfRangeException>(() => penalties.Count(3));
        Assert.Throws<IndexOutOfRangeException>(() => Penalties.Create(Off with { PresencePenalty = 1 }, 3, [3]));
        Assert.Throws<ArgumentException>(() => Penalties.Create(Off with { RepetitionPenalty = -1 }, 3, []));
    }
}
