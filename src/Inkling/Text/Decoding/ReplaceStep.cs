using Inkling.Text.Normalization;

namespace Inkling.Text.Decoding;

/// <summary>Replaces what a pattern matches (<c>Replace</c>).</summary>
internal sealed class ReplaceStep(Normalizer replacement) : DecodingStep
{
    private readonly NormalizedText _output = new();

    /// <inheritdoc/>
    public override byte[] Apply(byte[] token)
    {
        _output.Begin(default, tracks: false);
        replacement.Normalize(token, _output, atStart: false);
        return _output.Bytes.ToArray();
    }
}
