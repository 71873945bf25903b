namespace Inkling.Tests.Text.SentencePiece;

/// <summary>A theory that is skipped, with the reason, where SentencePiece's programs or the texts to train on are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithSentencePieceAttribute : TheoryAttribute
{
    public TheoryWithSentencePieceAttribute() => Skip = SentencePiecePrograms.ReasonToSkip;
}
