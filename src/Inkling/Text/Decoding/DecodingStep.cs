namespace Inkling.Text.Decoding;

/// <summary>A step from what a vocabulary calls a token to the bytes that it stands for in a decoded text.</summary>
internal abstract class DecodingStep
{
    /// <summary>What becomes of the bytes of a token.</summary>
    public abstract byte[] Apply(byte[] token);
}
