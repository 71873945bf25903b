using System.Text;
using Inkling.Text.Normalization;
using Inkling.Text.Subwords;

namespace Inkling.Text.Learning;

/// <summary>What a <see cref="UnigramTrainer"/> is asked for; the defaults are those of SentencePiece's trainer where it has them.</summary>
public sealed record UnigramTrainingOptions
{
    /// <summary>Largest vocabulary that is not taken for a mistake.</summary>
    public const int MaximumVocabularySize = 1_000_000;

    /// <summary>How many tokens there shall be: the unknown one, the control tokens, bytes if wanted, and pieces of text.</summary>
    public int VocabularySize { get; init; } = 8_192;

    /// <summary>
    /// How much of the text the characters make up that are pieces by themselves; the rarest others are left out. So are those that the vocabulary has no room
    /// for, if bytes stand for them (the space, which is put before every text, always stays); a text of so many characters leaves no room for longer pieces either, unless this is lower.
    /// </summary>
    public double CharacterCoverage { get; init; } = 0.9995;

    /// <summary>Whether 256 tokens spell as bytes what no piece can, so that every text comes back.</summary>
    public bool FallsBackToBytes { get; init; } = true;

    /// <summary>Share of the pieces that stays each time the least useful are dropped.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>How often the probabilities are estimated anew each time between.</summary>
    public int EstimateCount { get; init; } = 2;

    /// <summary>Characters of the longest piece, its ▁ included.</summary>
    public int MaximumPieceLength { get; init; } = 16;

    /// <summary>Whether each line is a text of its own that begins like a word after a space, and line ends are no part of any; SentencePiece's trainer has it so.</summary>
    public bool LinesAreTexts { get; init; }

    /// <summary>Token of what the vocabulary cannot spell; its id is 0.</summary>
    public string UnknownToken { get; init; } = "<unk>";

    /// <summary>Tokens that no text gives unless the caller allows it; their ids follow that of the unknown token. &lt;s&gt; is put before a text where the caller wants it.</summary>
    public IReadOnlyList<string> ControlTokens { get; init; } = ["<s>", "</s>"];

    /// <summary>How many threads work; they change nothing in the result. By default as many as there are processors.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Tokens that are no pieces of text.</summary>
    internal int ReservedCount => 1 + ControlTokens.Count + (FallsBackToBytes ? 256 : 0);

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">A field is outside its range; the message names it, its value and what would be valid.</exception>
    public void Validate()
    {
        ValidateTokens();
        string range = $"{ReservedCount + 1} ({ReservedCount} tokens that are no text, and one piece) to {MaximumVocabularySize}";
        Require(VocabularySize > ReservedCount && VocabularySize <= MaximumVocabularySize, VocabularySize, nameof(VocabularySize), range);
        Require(CharacterCoverage is > 0 and <= 1, CharacterCoverage, nameof(CharacterCoverage), "above 0 and at most 1");
        Require(ShrinkingFactor is >= 0.1 and <= 0.99, ShrinkingFactor, nameof(ShrinkingFactor), "0.1 to 0.99");
        Require(EstimateCount is >= 1 and <= 100, EstimateCount, nameof(EstimateCount), "1 to 100");
        Require(MaximumPieceLength is >= 1 and <= 100, MaximumPieceLength, nameof(MaximumPieceLength), "1 to 100");
        Require(ThreadCount is >= 1 and <= 1024, ThreadCount, nameof(ThreadCount), "1 to 1024");
    }

    private static void Require(bool isValid, double value, string name, string range)
    {
        if (!isValid)
            throw new ArgumentException($"{name} is {value}; it must be {range}.");
    }

    private void ValidateTokens()
    {
        if (ControlTokens is null)
            throw new ArgumentException($"{nameof(ControlTokens)} is null; it must be a list, which may be empty.");

        var seen = new HashSet<string>();
        for (int i = -1; i < ControlTokens.Count; i++)
        {
            string token = i < 0 ? UnknownToken : ControlTokens[i];
            string name = i < 0 ? nameof(UnknownToken) : $"{nameof(ControlTokens)}[{i}]";
            if (token is null || token.EnumerateRunes().Take(2).Count() < 2)
                throw new ArgumentException($"{name} is \"{token}\"; it must have two characters or more, since one may be a piece of text.");

            if (PieceVocabulary.TryReadByte(token) is not null)
                throw new ArgumentException($"{name} is \"{token}\", which is how a byte is written; it must be another name.");

            if (token.EnumerateRunes().Contains(Rune.ReplacementChar))
                throw new ArgumentException($"{name} is not valid text (a lone surrogate); it must be.");

            if (Encoding.UTF8.GetByteCount(token) is > ReplaceNormalizer.MaxByteCount and var length)
                throw new ArgumentException($"{name} has {length} bytes; {ReplaceNormalizer.MaxByteCount} are the most.");

            if (!seen.Add(token))
                throw new ArgumentException($"{name} is \"{token}\", which is there twice; each must be different.");
        }
    }
}
