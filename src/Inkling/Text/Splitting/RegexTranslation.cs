using System.Text;
using System.Text.RegularExpressions;

namespace Inkling.Text.Splitting;

/// <summary>
/// Writes a regular expression of Oniguruma (in Ruby's syntax) or Rust, which is what <c>tokenizer.json</c> holds, in the way of .NET: possessive
/// quantifiers become atomic groups, sets inside sets are opened, and <c>\w</c> means what it means there.
/// </summary>
internal sealed class RegexTranslation
{
    private const int MaxLength = 8192;

    // Letters, marks, numbers and what joins words; .NET's own lacks most marks.
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}";

    private readonly string _pattern;
    private readonly StringBuilder _output = new();
    private readonly Stack<int> _groups = [];
    private int _at;
    private int _atom; // where in the output the last atom begins, to which a quantifier belongs
    private bool _counts;

    private RegexTranslation(string pattern) => _pattern = pattern;

    /// <summary>Prepares a regular expression to be run on what <see cref="RegexAlphabet"/> shows.</summary>
    /// <param name="pattern">As files have it.</param>
    /// <param name="limit">How long one search may take.</param>
    /// <exception cref="FormatException">.NET has nothing equal; the message says where it stops.</exception>
    public static Regex Create(string pattern, TimeSpan limit)
    {
        if (pattern.Length > MaxLength)
            throw new FormatException($"the regular expression has {pattern.Length} characters; {MaxLength} are the most");

        var translation = new RegexTranslation(pattern);
        string translated = translation.Translate();
        try
        {
            // Counts are unrolled by the engine of linear time: a short pattern would make a large machine.
            return (translation._counts ? null : TryCreateLinear(translated, limit)) ?? new Regex(translated, RegexOptions.CultureInvariant, limit);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"the regular expression cannot be run: {string.Concat(e.Message.Select(c => char.IsControl(c) ? ' ' : c))}", e);
        }
    }

    private static Regex? TryCreateLinear(string pattern, TimeSpan limit)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, limit);
        }
        catch (NotSupportedException)
        {
            return null; // it looks ahead or behind
        }
    }

    private string Translate()
    {
        while (_at < _pattern.Length)
        {
            char next = _pattern[_at];
            switch (next)
            {
                case '[':
                    BeginAtom();
                    TranslateSet(isInner: false);
                    break;
                case '(':
                    _groups.Push(_output.Length);
                    TranslateGroupStart();
                    break;
                case ')':
                    _atom = _groups.TryPop(out int start) ? start : throw Error("a group ends that has not begun");
                    Copy(1);
                    break;
                case '\\':
                    BeginAtom();
                    TranslateEscape(isInSet: false);
                    break;
                case '*' or '+' or '?':
                    TranslateQuantifier();
                    break;
                case '{':
                    _counts = true;
                    Copy(1);
                    break;
                case '^' or '$': // always of a line, in Ruby's syntax
                    BeginAtom();
                    _output.Append("(?m:").Append(next).Append(')');
                    _at++;
                    break;
                case '|':
                    Copy(1);
                    break;
                default:
                    if (char.IsSurrogate(next))
                        throw Error("a character beyond U+FFFF");

                    BeginAtom();
                    Copy(1);
                    break;
            }
        }

        return _groups.Count == 0 ? _output.ToString() : throw Error("a group does not end");
    }

    private void BeginAtom() => _atom = _output.Length;

    private void Copy(int count)
    {
        _output.Append(_pattern, _at, count);
        _at += count;
    }

    // (?m) lets a dot match line ends there, which .NET writes (?s).
    private void TranslateGroupStart()
    {
        Copy(1);
        if (_at >= _pattern.Length || _pattern[_at] != '?')
            return;

        int end = _at + 1;
        while (end < _pattern.Length && (char.IsAsciiLetter(_pattern[end]) || _pattern[end] == '-'))
            end++;

        bool isOption = end < _pattern.Length && _pattern[end] is ':' or ')';
        if (!isOption)
        {
            Copy(1);
            // (?<name> (?<= (?! and the like
            while (_at < _pattern.Length && _pattern[_at] is '<' or '=' or '!' or '>' or ':')
                Copy(1);

            return;
        }

        _output.Append(_pattern[_at..end].Replace('m', 's'));
        _at = end;
        if (_pattern[_at] == ':')
            Copy(1);
    }

    private void TranslateQuantifier()
    {
        char quantifier = _pattern[_at++];
        char mode = _at < _pattern.Length ? _pattern[_at] : '\0';
        if (mode == '+')
        {
            _at++;
            _output.Insert(_atom, "(?>").Append(quantifier).Append(')');
        }
        else
        {
            _output.Append(quantifier);
            if (mode == '?')
                Copy(1);
        }
    }

    private void TranslateSet(bool isInner)
    {
        _at++;
        bool isNegated = _at < _pattern.Length && _pattern[_at] == '^';
        if (isNegated && isInner)
            throw Error("a negated set inside a set");

        if (!isInner)
            _output.Append('[');

        if (isNegated)
            Copy(1);

        for (bool isFirst = true; ; isFirst = false)
        {
            char next = _at < _pattern.Length ? _pattern[_at] : throw Error("a set does not end");
            if (next == ']' && !isFirst)
                break;

            if (next == '[' && _at + 1 < _pattern.Length && _pattern[_at + 1] == ':')
                throw Error("a set [:name:]");

            if (next == '&' && _at + 1 < _pattern.Length && _pattern[_at + 1] == '&')
                throw Error("an intersection of sets");

            if (char.IsSurrogate(next))
                throw Error("a character beyond U+FFFF");

            if (next == '[' && isInner)
                throw Error("a set inside a set inside a set");

            if (next == '[')
                TranslateSet(isInner: true);
            else if (next == '\\')
                TranslateEscape(isInSet: true);
            else
                Copy(1);
        }

        _at++;
        if (!isInner)
            _output.Append(']');
    }

    private void TranslateEscape(bool isInSet)
    {
        char kind = _at + 1 < _pattern.Length ? _pattern[_at + 1] : throw Error("a backslash that nothing follows");
        switch (kind)
        {
            case 'w':
                _output.Append(isInSet ? Word : $"[{Word}]");
                _at += 2;
                break;
            case 'W' when !isInSet:
                _output.Append("[^").Append(Word).Append(']');
                _at += 2;
                break;
            case 'p' or 'P':
                TranslateProperty(kind);
                break;
            case 'x' or 'u' when _at + 2 < _pattern.Length && _pattern[_at + 2] == '{':
                TranslateCodePoint();
                break;
            case 'G' or 'K' or 'R' or 'X' or 'h' or 'H' or 'N' or 'O':
                throw Error($"\\{kind}");
            default:
                if (char.IsSurrogate(kind))
                    throw Error("a character beyond U+FFFF");

                Copy(2);
                break;
        }
    }

    // \pL and \p{^L} besides \p{L}.
    private void TranslateProperty(char kind)
    {
        int start = _at + 2;
        int end = start < _pattern.Length && _pattern[start] == '{' ? _pattern.IndexOf('}', start) : start;
        if (end < 0 || end >= _pattern.Length)
            throw Error("a property without a name");

        string name = _pattern[start] == '{' ? _pattern[(start + 1)..end] : _pattern[start].ToString();
        if (name.StartsWith('^'))
            (kind, name) = (kind == 'p' ? 'P' : 'p', name[1..]);

        _output.Append('\\').Append(kind).Append('{').Append(name).Append('}');
        _at = end + 1;
    }

    private void TranslateCodePoint()
    {
        int end = _pattern.IndexOf('}', _at);
        const System.Globalization.NumberStyles Style = System.Globalization.NumberStyles.AllowHexSpecifier;
        if (end < 0 || !ushort.TryParse(_pattern.AsSpan((_at + 3)..end), Style, null, out ushort value))
            throw Error("a character beyond U+FFFF");

        _output.Append("\\u").Append(value.ToString("X4"));
        _at = end + 1;
    }

    private FormatException Error(string problem) =>
        new($"the regular expression cannot be run: {problem}, at character {Math.Min(_at, _pattern.Length)}");
}
