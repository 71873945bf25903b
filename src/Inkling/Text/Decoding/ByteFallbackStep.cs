using System.Globalization;
using System.Text;

namespace Inkling.Text.Decoding;

/// <summary>Makes a byte of a token such as <c>&lt;0x0A&gt;</c> (<c>ByteFallback</c>).</summary>
internal sealed class ByteFallbackStep : DecodingStep
{
    /// <inheritdoc/>
    public override byte[] Apply(byte[] token) =>
        token is [(byte)'<', (byte)'0', (byte)'x', _, _, (byte)'>']
            && byte.TryParse(Encoding.Latin1.GetString(token, 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
                ? [value]
                : token;
}
