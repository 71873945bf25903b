namespace Inkling.Generation;

/// <summary>How a text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens to generate.</summary>
    public int TokenCount { get; init; } = 500;

    /// <summary>
    /// Divides the logits: 0 always takes the most probable token, 1 draws from the model's own distribution, more is wilder.
    /// The default is that of nanoGPT: a small model spreads too much probability over its mistakes.
    /// </summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>Only this many of the most probable tokens are drawn from; 0 takes all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Only the fewest most probable tokens that together have at least this probability are drawn from; 1 takes all
    /// (Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020). Probabilities are those after temperature and <see cref="TopK"/>.
    /// </summary>
    public double TopP { get; init; } = 1;

    /// <summary>
    /// Only tokens of at least this share of the most probable token's probability are drawn from; 0 takes all (Nguyen et al., "Turning Up the
    /// Heat: Min-p Sampling for Creative and Coherent LLM Outputs", 2024). Probabilities are those after temperature.
    /// </summary>
    public double MinP { get; init; }

    /// <summary>
    /// Divides the positive logits of the tokens that the prompt or the text so far contains, and multiplies the others: above 1 repeats less,
    /// 1 changes nothing (Keskar et al., "CTRL", 2019; in this form, which suits negative logits too, in Hugging Face's libraries).
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>
    /// Is subtracted from the logits of the tokens generated so far, once for each; 0 changes nothing, less than 0 repeats more. OpenAI's
    /// definition, which leaves out the prompt; its range there is −2 to 2.
    /// </summary>
    public double PresencePenalty { get; init; }

    /// <summary>As <see cref="PresencePenalty"/>, but as many times as the token was generated.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>The same seed gives the same text.</summary>
    public ulong Seed { get; init; }

    /// <summary>Number of the text, from 0: each continues the same prompt with the same seed in another way.</summary>
    public int Sequence { get; init; }

    /// <summary>What stays visible when the text outgrows the context.</summary>
    public WindowRule Window { get; init; }

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is outside its range; the message names the field, its value and what would be valid.</exception>
    public void Validate()
    {
        RequireCount(TokenCount, nameof(TokenCount));
        RequireCount(TopK, nameof(TopK));
        RequireCount(Sequence, nameof(Sequence));
        if (!(Temperature is >= 0 and < double.PositiveInfinity))
        {
            throw new ArgumentException($"{nameof(Temperature)} is {Temperature}; it must be 0 or a positive number.");
        }

        if (!(TopP is >= 0 and <= 1))
        {
            throw new ArgumentException($"{nameof(TopP)} is {TopP}; it must be 0 to 1.");
        }

        if (!(MinP is >= 0 and <= 1))
        {
            throw new ArgumentException($"{nameof(MinP)} is {MinP}; it must be 0 to 1.");
        }

        if (!(RepetitionPenalty is > 0 and < double.PositiveInfinity))
        {
            throw new ArgumentException($"{nameof(RepetitionPenalty)} is {RepetitionPenalty}; it must be a positive number.");
        }

        RequireFinite(PresencePenalty, nameof(PresencePenalty));
        RequireFinite(FrequencyPenalty, nameof(FrequencyPenalty));
        if (!Enum.IsDefined(Window))
        {
            throw new ArgumentException($"{nameof(Window)} is {Window}; it must be {string.Join(" or ", Enum.GetNames<WindowRule>())}.");
        }
    }

    private static void RequireCount(int value, string name)
    {
        if (value < 0)
        {
            throw new ArgumentException($"{name} is {value}; it must be 0 or more.");
        }
    }

    private static void RequireFinite(double value, string name)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException($"{name} is {value}; it must be a number, such as 0.5.");
        }
    }
}
