namespace Inkling.Cli.Explaining;

/// <summary>Text with its width on the screen, which escapes for colour do not have.</summary>
internal readonly record struct Line(string Text, int Width)
{
    public static Line Empty { get; } = "";

    public static implicit operator Line(string text) => new(text, TextWidth.Of(text));

    public static Line operator +(Line left, Line right) => new(left.Text + right.Text, left.Width + right.Width);

    public Line PadRight(int width) => this + Spaces(width - Width);

    public Line PadLeft(int width) => Spaces(width - Width) + this;

    private static Line Spaces(int count) => new string(' ', Math.Max(0, count));
}
