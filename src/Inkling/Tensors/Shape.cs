namespace Inkling.Tensors;

/// <summary>Size of a tensor: (B, T, C), stored as a matrix of B·T rows by C columns.</summary>
/// <param name="Batch">Sequences B.</param>
/// <param name="Time">Tokens per sequence T.</param>
/// <param name="Channels">Numbers per token C.</param>
public readonly record struct Shape(int Batch, int Time, int Channels)
{
    /// <summary>Rows of the matrix that stores it, B·T.</summary>
    public int Rows => checked(Batch * Time);

    /// <summary>The same tokens with another number of channels.</summary>
    public Shape WithChannels(int channels) => this with { Channels = channels };

    /// <inheritdoc/>
    public override string ToString() => $"({Batch}, {Time}, {Channels})";
}
