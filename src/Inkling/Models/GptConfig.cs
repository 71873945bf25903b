namespace Inkling.Models;

/// <summary>Shape of a GPT. The defaults are GPT-2 small.</summary>
public sealed record GptConfig
{
    /// <summary>Largest size of any dimension; what is beyond it is a mistake.</summary>
    public const int MaximumSize = 1 << 20;

    /// <summary>Different tokens V.</summary>
    public int VocabularySize { get; init; } = 50_257;

    /// <summary>Most tokens the model sees at once, T.</summary>
    public int ContextLength { get; init; } = 1_024;

    /// <summary>Blocks L.</summary>
    public int LayerCount { get; init; } = 12;

    /// <summary>Attention heads H.</summary>
    public int HeadCount { get; init; } = 12;

    /// <summary>Channels C.</summary>
    public int Width { get; init; } = 768;

    /// <summary>Width D of a head; 0 stands for C ÷ H.</summary>
    public int HeadSize { get; init; }

    /// <summary>Heads of keys and values Hk, each shared by H ÷ Hk heads of queries; 0 stands for H (Ainslie et al., "GQA", 2023).</summary>
    public int KeyValueHeadCount { get; init; }

    /// <summary>Tokens that a token sees, itself included; 0: all before it (Beltagy et al., "Longformer", 2020; Mistral).</summary>
    public int AttentionWindow { get; init; }

    /// <summary>Whether each head's queries and keys are RMS-normalised before they meet (Henry et al., 2020; Qwen 3).</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>How the model knows where a token stands.</summary>
    public PositionKind Positions { get; init; } = PositionKind.Learned;

    /// <summary>Base of the angles of rotary positions; larger for longer contexts.</summary>
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>Width F inside the feed-forward layers; 0 stands for 4·C or, with a gate, for 8/3·C in whole multiples of 32, which costs as much.</summary>
    public int FeedForwardWidth { get; init; }

    /// <summary>Function inside the feed-forward layers.</summary>
    public FeedForwardKind Activation { get; init; } = FeedForwardKind.GeluTanh;

    /// <summary>The norms.</summary>
    public NormKind Norm { get; init; } = NormKind.LayerNorm;

    /// <summary>Where they stand.</summary>
    public NormPlacement NormPlacement { get; init; } = NormPlacement.Before;

    /// <summary>Which layers have biases.</summary>
    public BiasPlacement Biases { get; init; } = BiasPlacement.Everywhere;

    /// <summary>The last linear layer.</summary>
    public HeadKind Head { get; init; } = HeadKind.Tied;

    /// <summary>Added to the variance in norms.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Fraction of embedding channels dropped in training.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Fraction of attention weights dropped in training.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Fraction of what attention and feed-forward add to the residual stream dropped in training.</summary>
    public double ResidualDropout { get; init; }

    /// <summary>Standard deviation of the first values of matrices and tables.</summary>
    public double InitialDeviation { get; init; } = 0.02;

    /// <summary>
    /// Whether the layers that end in the residual stream begin smaller by √(2·L), so that its variance does not grow with depth
    /// (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3).
    /// </summary>
    public bool ScalesResidualInitialization { get; init; } = true;

    /// <summary>Width of a head with the default filled in.</summary>
    public int EffectiveHeadSize => HeadSize == 0 ? Width / HeadCount : HeadSize;

    /// <summary>Heads of keys and values with the default filled in.</summary>
    public int EffectiveKeyValueHeadCount => KeyValueHeadCount == 0 ? HeadCount : KeyValueHeadCount;

    /// <summary>Width inside the feed-forward layers with the default filled in.</summary>
    public int EffectiveFeedForwardWidth => (FeedForwardWidth, Activation.IsGated()) switch
    {
        (0, false) => 4 * Width,
        (0, true) => ((8 * Width / 3) + 31) / 32 * 32,
        _ => FeedForwardWidth,
    };

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is outside its range or does not fit another; the message names the field, its value and what would be valid.</exception>
    public void Validate()
    {
        Require(VocabularySize, nameof(VocabularySize));
        Require(ContextLength, nameof(ContextLength));
        Require(LayerCount, nameof(LayerCount), 4_096);
        Require(HeadCount, nameof(HeadCount), 65_536);
        Require(Width, nameof(Width));
        if (HeadSize == 0 && Width % HeadCount != 0)
        {
            throw new ArgumentException(
                $"{nameof(HeadCount)} {HeadCount} does not divide {nameof(Width)} {Width}; choose a divisor, or give {nameof(HeadSize)}.");
        }

        Require(EffectiveHeadSize, nameof(HeadSize), 65_536);
        if (KeyValueHeadCount < 0 || KeyValueHeadCount > HeadCount || HeadCount % EffectiveKeyValueHeadCount != 0)
        {
            throw new ArgumentException(
                $"{nameof(KeyValueHeadCount)} is {KeyValueHeadCount}; it must divide {nameof(HeadCount)} {HeadCount}, or be 0 for as many.");
        }

        if (AttentionWindow is < 0 or > MaximumSize)
        {
            throw new ArgumentException($"{nameof(AttentionWindow)} is {AttentionWindow}; it must be 1 to {MaximumSize}, or 0 for all tokens.");
        }

        if (Positions == PositionKind.Rotary && EffectiveHeadSize % 2 != 0)
        {
            throw new ArgumentException(
                $"{nameof(HeadSize)} is {EffectiveHeadSize}; rotary {nameof(Positions)} turn pairs of channels, so it must be even.");
        }

        if (!(RotaryBase is >= 1 and <= 1e12))
        {
            throw new ArgumentException($"{nameof(RotaryBase)} is {RotaryBase}; it must be 1 to 1E+12.");
        }

        Require(EffectiveFeedForwardWidth, nameof(FeedForwardWidth), 4 * MaximumSize);
        RequireFraction(EmbeddingDropout, nameof(EmbeddingDropout));
        RequireFraction(AttentionDropout, nameof(AttentionDropout));
        RequireFraction(ResidualDropout, nameof(ResidualDropout));
        if (!(NormEpsilon is > 0 and <= 1))
        {
            throw new ArgumentException($"{nameof(NormEpsilon)} is {NormEpsilon}; it must be above 0 and at most 1.");
        }

        if (!(InitialDeviation is > 0 and <= 10))
        {
            throw new ArgumentException($"{nameof(InitialDeviation)} is {InitialDeviation}; it must be above 0 and at most 10.");
        }

        RequireDefined(Activation, nameof(Activation));
        RequireDefined(Biases, nameof(Biases));
        RequireDefined(Head, nameof(Head));
        RequireDefined(Norm, nameof(Norm));
        RequireDefined(NormPlacement, nameof(NormPlacement));
        RequireDefined(Positions, nameof(Positions));

        // Views count rows and columns in 32 bits, and so does one row of packed queries, keys and values.
        if (3L * HeadCount * EffectiveHeadSize > int.MaxValue / 4)
        {
            throw new ArgumentException($"{nameof(HeadCount)} {HeadCount} heads of {nameof(HeadSize)} {EffectiveHeadSize} are too wide.");
        }
    }

    private static void Require(int value, string name, int largest = MaximumSize)
    {
        if (value < 1 || value > largest)
        {
            throw new ArgumentException($"{name} is {value}; it must be 1 to {largest}.");
        }
    }

    private static void RequireDefined<T>(T value, string name)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw new ArgumentException($"{name} {value} does not exist; choose {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }

    private static void RequireFraction(double value, string name)
    {
        if (!(value is >= 0 and < 1))
        {
            throw new ArgumentException($"{name} is {value}; it must be at least 0 and below 1.");
        }
    }
}
