namespace Inkling.Generation;

/// <summary>Says that logits name no distribution, because the weights are damaged or the training went astray.</summary>
public sealed class InvalidLogitsException : ArithmeticException
{
    internal InvalidLogitsException(string message)
        : base(message)
    {
    }
}
