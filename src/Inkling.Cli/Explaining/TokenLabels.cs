using System.Globalization;
using System.Text;
using Inkling.Text;

namespace Inkling.Cli.Explaining;

/// <summary>Tokens as something to see: blanks and bytes that are no letters get a sign, so that nothing moves the cursor.</summary>
internal sealed class TokenLabels(Func<int, byte[]> bytesOf, IReadOnlyList<int> tokens, PageStyle style)
{
    private const int Widest = 12;

    /// <summary>Names the tokens of a text with a tokenizer.</summary>
    public TokenLabels(Tokenizer tokenizer, IReadOnlyList<int> tokens, PageStyle style)
        : this(token => tokenizer.BytesOf(token).ToArray(), tokens, style)
    {
    }

    /// <summary>Number of tokens.</summary>
    public int Count => tokens.Count;

    /// <summary>The token of a position.</summary>
    public int Token(int position) => tokens[position];

    /// <summary>A token within a number of columns.</summary>
    public string Of(int token, int width = Widest)
        => Visible(bytesOf(token), width);

    /// <summary>A text within a number of columns.</summary>
    public string Visible(string text, int width) => Visible(Encoding.UTF8.GetBytes(text), width);

    private string Visible(byte[] bytes, int width)
    {
        var result = new StringBuilder();
        for (var i = 0; i < bytes.Length;)
        {
            var status = Rune.DecodeFromUtf8(bytes.AsSpan(i), out var rune, out var count);
            result.Append(status == System.Buffers.OperationStatus.Done ? Sign(rune) : $"\\x{bytes[i]:X2}");
            i += status == System.Buffers.OperationStatus.Done ? count : 1;
        }

        return TextWidth.Cut(result.ToString(), width, style.Ellipsis);
    }

    /// <summary>Position and token, such as <c> 4 t</c>.</summary>
    public string Row(int position)
        => $"{position.ToString().PadLeft((Count - 1).ToString().Length)} {Of(tokens[position])}";

    /// <summary>What the signs among the tokens mean; empty where there are none.</summary>
    public string Legend()
    {
        var all = tokens.SelectMany(bytesOf).ToHashSet();
        string[] signs =
        [
            .. all.Contains((byte)' ') ? [$"{Sign(new Rune(' '))} is a space"] : Array.Empty<string>(),
            .. all.Contains((byte)'\n') ? [$"{Sign(new Rune('\n'))} is a line break"] : Array.Empty<string>(),
        ];
        return string.Join(", ", signs);
    }

    private string Sign(Rune rune) => rune.Value switch
    {
        ' ' => style.IsAscii ? "\\s" : "␣",
        '\n' => style.IsAscii ? "\\n" : "↵",
        '\t' => "\\t",
        '\r' => "\\r",
        > 126 when style.IsAscii || !IsVisible(rune) => $"\\u{{{rune.Value:X}}}",
        < 32 => $"\\x{rune.Value:X2}",
        _ => rune.ToString(),
    };

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
