using System.Buffers;
using System.Text;

namespace Inkling.Text.Normalization;

/// <summary>
/// A row of characters that may be put in another order or composed, with the place that each comes from. Lives on the stack, and borrows memory
/// where a row is longer than that.
/// </summary>
internal ref struct CharacterRun : IDisposable
{
    /// <summary>How many characters the caller should give room for: hardly any text has rows longer than this.</summary>
    public const int UsualLength = 32;

    private readonly UnicodeTable _table;
    private readonly bool _compatible;
    private readonly bool _tracks;

    // Packed characters (see UnicodeTable), and where each begins and ends in the input; places only where they are wanted.
    private Span<int> _characters;
    private Span<int> _starts;
    private Span<int> _ends;
    private int[]? _rented;
    private int _count;

    /// <summary>Begins an empty row.</summary>
    /// <param name="table">What is known of the characters.</param>
    /// <param name="compatible">Whether characters are decomposed by compatibility too.</param>
    /// <param name="tracks">Whether places are wanted.</param>
    /// <param name="memory">Three times as many numbers as characters have room at first.</param>
    public CharacterRun(UnicodeTable table, bool compatible, bool tracks, Span<int> memory)
    {
        (_table, _compatible, _tracks) = (table, compatible, tracks);
        Divide(memory);
    }

    /// <summary>How many characters there are.</summary>
    public readonly int Count => _count;

    /// <summary>Gives back what was borrowed.</summary>
    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<int>.Shared.Return(_rented);

        this = default;
    }

    /// <summary>Forgets the characters.</summary>
    public void Clear() => _count = 0;

    /// <summary>A character, and where it comes from.</summary>
    public readonly Rune Get(int index, out int start, out int end)
    {
        (start, end) = _tracks ? (_starts[index], _ends[index]) : (0, 0);
        return new Rune(_characters[index] & UnicodeTable.CodePointMask);
    }

    /// <summary>Adds the decomposition of a character of the input.</summary>
    public void Add(int codePoint, in UnicodeProperties properties, int start, int end)
    {
        ReadOnlySpan<int> decomposition = _table.Decomposition(properties, _compatible);
        foreach (int part in decomposition)
            Push(part, start, end);

        if (!decomposition.IsEmpty)
            return;

        if (!Hangul.IsSyllable(codePoint))
        {
            Push(codePoint | (properties.Class << UnicodeTable.ClassShift), start, end);
            return;
        }

        (int leading, int vowel, int trailing) = Hangul.Decompose(codePoint);
        Push(leading, start, end);
        Push(vowel, start, end);
        if (trailing != 0)
            Push(trailing, start, end);
    }

    /// <summary>Puts marks in their canonical order: by class between two characters of class 0, and as they came within a class.</summary>
    public void Sort()
    {
        for (int start = 0, end; start < _count; start = end)
        {
            end = start + 1;
            if (ClassOf(_characters[start]) == 0)
                continue;

            bool inOrder = true;
            for (; end < _count && ClassOf(_characters[end]) != 0; end++)
                inOrder &= ClassOf(_characters[end - 1]) <= ClassOf(_characters[end]);

            if (inOrder)
                continue;

            if (end - start <= UsualLength)
                SortFew(start, end);
            else
                SortMany(start, end);
        }
    }

    /// <summary>Joins characters that compose, after <see cref="Sort"/>.</summary>
    public void Compose()
    {
        int starter = -1, lastClass = -1, written = 0;
        for (int i = 0; i < _count; i++)
        {
            int character = _characters[i], own = ClassOf(character);
            // Between the starter and a mark there may be marks of lower classes only.
            if (starter >= 0 && lastClass < own && _table.Compose(_characters[starter], character & UnicodeTable.CodePointMask) is var composed and not 0)
            {
                _characters[starter] = composed;
                if (_tracks)
                {
                    _starts[starter] = Math.Min(_starts[starter], _starts[i]);
                    _ends[starter] = Math.Max(_ends[starter], _ends[i]);
                }

                continue;
            }

            (starter, lastClass) = own == 0 ? (written, -1) : (starter, own);
            _characters[written] = character;
            if (_tracks)
                (_starts[written], _ends[written]) = (_starts[i], _ends[i]);

            written++;
        }

        _count = written;
    }

    /// <summary>
    /// Makes the places rise from character to character, as they no longer do after sorting: the place of each then covers what follows but came
    /// before it, and any piece of the row covers the places of all its characters.
    /// </summary>
    public readonly void Straighten()
    {
        if (!_tracks)
            return;

        for (int i = 1; i < _count; i++)
            _ends[i] = Math.Max(_ends[i], _ends[i - 1]);

        for (int i = _count - 2; i >= 0; i--)
            _starts[i] = Math.Min(_starts[i], _starts[i + 1]);
    }

    private static int ClassOf(int character) => character >> UnicodeTable.ClassShift;

    // Insertion, stable.
    private readonly void SortFew(int start, int end)
    {
        for (int i = start + 1; i < end; i++)
        {
            for (int j = i; j > start && ClassOf(_characters[j - 1]) > ClassOf(_characters[j]); j--)
            {
                (_characters[j - 1], _characters[j]) = (_characters[j], _characters[j - 1]);
                if (_tracks)
                {
                    (_starts[j - 1], _starts[j]) = (_starts[j], _starts[j - 1]);
                    (_ends[j - 1], _ends[j]) = (_ends[j], _ends[j - 1]);
                }
            }
        }
    }

    // By counting, because a text may have a million marks in a row.
    private readonly void SortMany(int start, int end)
    {
        Span<int> places = stackalloc int[257];
        places.Clear();
        foreach (int character in _characters[start..end])
            places[ClassOf(character) + 1]++;

        for (int i = 1; i < places.Length; i++)
            places[i] += places[i - 1];

        int count = end - start;
        int[] rented = ArrayPool<int>.Shared.Rent(2 * count);
        Span<int> order = rented.AsSpan(0, count), moved = rented.AsSpan(count, count);
        for (int i = 0; i < count; i++)
            order[places[ClassOf(_characters[start + i])]++] = i;

        Move(_characters[start..end], order, moved);
        if (_tracks)
        {
            Move(_starts[start..end], order, moved);
            Move(_ends[start..end], order, moved);
        }

        ArrayPool<int>.Shared.Return(rented);
    }

    private static void Move(Span<int> values, ReadOnlySpan<int> order, Span<int> moved)
    {
        for (int i = 0; i < order.Length; i++)
            moved[i] = values[order[i]];

        moved.CopyTo(values);
    }

    private void Push(int character, int start, int end)
    {
        if (_count == _characters.Length)
            Grow();

        _characters[_count] = character;
        if (_tracks)
            (_starts[_count], _ends[_count]) = (start, end);

        _count++;
    }

    private void Grow()
    {
        Span<int> characters = _characters, starts = _starts, ends = _ends;
        int[] larger = ArrayPool<int>.Shared.Rent(checked(2 * (_tracks ? 3 : 1) * characters.Length));
        Divide(larger);
        characters.CopyTo(_characters);
        starts.CopyTo(_starts);
        ends.CopyTo(_ends);
        if (_rented is not null)
            ArrayPool<int>.Shared.Return(_rented);

        _rented = larger;
    }

    private void Divide(Span<int> memory)
    {
        if (!_tracks)
        {
            _characters = memory;
            return;
        }

        int third = memory.Length / 3;
        _characters = memory[..third];
        _starts = memory.Slice(third, third);
        _ends = memory.Slice(2 * third, third);
    }
}
