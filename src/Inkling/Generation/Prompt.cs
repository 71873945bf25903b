namespace Inkling.Generation;

/// <summary>What both generators ask of a prompt.</summary>
internal static class Prompt
{
    /// <exception cref="ArgumentException">The prompt is empty, or a token is outside the vocabulary.</exception>
    public static void Check(ReadOnlySpan<int> prompt, int vocabularySize)
    {
        if (prompt.IsEmpty)
        {
            throw new ArgumentException("The prompt is empty; begin with at least one token, such as that of a line break.", nameof(prompt));
        }

        for (var i = 0; i < prompt.Length; i++)
        {
            if ((uint)prompt[i] >= (uint)vocabularySize)
            {
                throw new ArgumentException($"Token {prompt[i]} at {i} of the prompt is outside the vocabulary; valid ids are 0 to {vocabularySize - 1}.", nameof(prompt));
            }
        }
    }
}
