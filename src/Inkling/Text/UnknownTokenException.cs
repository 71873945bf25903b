namespace Inkling.Text;

/// <summary>Says that an id names no token of the vocabulary.</summary>
public sealed class UnknownTokenException : FormatException
{
    internal UnknownTokenException(int id, int vocabularySize)
        : base($"Token id {id} is outside the vocabulary; valid ids are 0 to {vocabularySize - 1}.") => Id = id;

    /// <summary>The id that was asked for.</summary>
    public int Id { get; }
}
