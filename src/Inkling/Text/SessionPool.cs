namespace Inkling.Text;

/// <summary>Keeps sessions for the next text, one for each thread that may encode at once.</summary>
internal sealed class SessionPool(Func<EncodingSession> create)
{
    private readonly EncodingSession?[] _spare = new EncodingSession?[Math.Min(Environment.ProcessorCount, 64)];

    /// <summary>A session that nobody else uses.</summary>
    public EncodingSession Rent()
    {
        for (int i = 0; i < _spare.Length; i++)
        {
            if (_spare[i] is not null && Interlocked.Exchange(ref _spare[i], null) is { } session)
                return session;
        }

        return create();
    }

    /// <summary>Takes a session back; dropped where enough are kept.</summary>
    public void Return(EncodingSession session)
    {
        for (int i = 0; i < _spare.Length; i++)
        {
            if (_spare[i] is null && Interlocked.CompareExchange(ref _spare[i], session, null) is null)
                return;
        }
    }
}
