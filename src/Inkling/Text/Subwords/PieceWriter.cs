namespace Inkling.Text.Subwords;

/// <summary>Adds the pieces of a text to a session, and spells what is in no piece: as bytes, or as one unknown token for each run.</summary>
/// <param name="text">The text, of which pieces are added from the beginning on.</param>
/// <param name="vocabulary">Knows how to spell.</param>
/// <param name="fusesUnknown">Whether neighbours that cannot be spelled become one token.</param>
/// <param name="session">Takes the tokens.</param>
internal ref struct PieceWriter(ReadOnlySpan<byte> text, PieceVocabulary vocabulary, bool fusesUnknown, EncodingSession session)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;
    private int _unknownLength;

    /// <summary>Adds the piece that the next <paramref name="length"/> bytes are.</summary>
    public void Add(int id, int length)
    {
        if (id == vocabulary.UnknownId)
        {
            AddUnknown(length);
            return;
        }

        Flush();
        session.Add(id, length);
        _at += length;
    }

    /// <summary>Adds the next <paramref name="length"/> bytes, which are in no piece.</summary>
    /// <exception cref="UnspellableException">There is no token for them.</exception>
    public void AddUnknown(int length)
    {
        ReadOnlySpan<byte> bytes = _text.Slice(_at, length);
        if (CanSpell(bytes))
        {
            Flush();
            foreach (byte value in bytes)
                session.Add(vocabulary.BytePieces[value], 1);
        }
        else
        {
            if (vocabulary.UnknownId == PieceVocabulary.None)
                throw new UnspellableException(_at);

            if (!fusesUnknown)
                Flush();

            _unknownLength += length;
        }

        _at += length;
    }

    /// <summary>Adds what was held back.</summary>
    public void Flush()
    {
        if (_unknownLength > 0)
            session.Add(vocabulary.UnknownId, _unknownLength);

        _unknownLength = 0;
    }

    private readonly bool CanSpell(ReadOnlySpan<byte> bytes)
    {
        if (!vocabulary.FallsBackToBytes)
            return false;

        foreach (byte value in bytes)
        {
            if (vocabulary.BytePieces[value] == PieceVocabulary.None)
                return false;
        }

        return true;
    }
}
