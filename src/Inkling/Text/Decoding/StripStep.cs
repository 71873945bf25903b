using System.Text;

namespace Inkling.Text.Decoding;

/// <summary>Takes a character away at the ends of each token, a limited number of times (<c>Strip</c>).</summary>
internal sealed class StripStep(Rune content, int start, int stop) : DecodingStep
{
    private readonly byte[] _content = Encoding.UTF8.GetBytes(content.ToString());

    /// <inheritdoc/>
    public override byte[] Apply(byte[] token)
    {
        ReadOnlySpan<byte> rest = token;
        for (int i = 0; i < start && rest.StartsWith(_content); i++)
            rest = rest[_content.Length..];

        for (int i = 0; i < stop && rest.EndsWith(_content); i++)
            rest = rest[..^_content.Length];

        return rest.ToArray();
    }
}
