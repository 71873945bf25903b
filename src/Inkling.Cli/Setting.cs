using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inkling.Cli;

/// <summary>One field of a record of options, settable by text: from the command line or from a file.</summary>
/// <typeparam name="TOptions">The record.</typeparam>
/// <param name="Field">Name of the field.</param>
/// <param name="Description">What it is, for the help.</param>
/// <param name="Get">Gives the value as text.</param>
/// <param name="Set">Gives a record with the value that a text stands for, or throws a <see cref="UsageException"/>.</param>
internal sealed record Setting<TOptions>(
    string Field, string Description, Func<TOptions, string> Get, Func<TOptions, string, TOptions> Set)
{
    /// <summary>Name of the option without its dashes, and in files.</summary>
    public string Name { get; } = Kebab.From(Field);

    /// <summary>Another name for the option; null for none.</summary>
    public string? ShortName { get; init; }

    /// <summary>Whether the name alone means true.</summary>
    public bool IsFlag { get; init; }

    /// <summary>A number; the getter's last word is the name of the field.</summary>
    public static Setting<TOptions> Number<T>(
        string description, Func<TOptions, T> get, Func<TOptions, T, TOptions> set, [CallerArgumentExpression(nameof(get))] string field = "")
        where T : struct, INumber<T>, IMinMaxValue<T>
        => Create(
            field, description, options => get(options).ToString(null, CultureInfo.InvariantCulture), set,
            text => T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
            default(T) is double ? "it must be a number, such as 0.5"
                : T.IsZero(T.MinValue) ? $"it must be a whole number from 0 to {T.MaxValue}" : "it must be a whole number, such as 8");

    /// <summary>One of a few words.</summary>
    public static Setting<TOptions> Choice<T>(
        string description, Func<TOptions, T> get, Func<TOptions, T, TOptions> set, [CallerArgumentExpression(nameof(get))] string field = "")
        where T : struct, Enum
    {
        var names = string.Join(", ", Kebab.NamesOf<T>());
        return Create(
            field, $"{description}: {names}", options => Kebab.From(get(options).ToString()), set,
            text => Kebab.TryParse(text, out T value) ? value : null, $"choose {names}");
    }

    /// <summary>Yes or no; the name alone means yes.</summary>
    public static Setting<TOptions> Flag(
        string description, Func<TOptions, bool> get, Func<TOptions, bool, TOptions> set, [CallerArgumentExpression(nameof(get))] string field = "")
    {
        var setting = Create(
            field, $"{description}: true, false", options => get(options) ? "true" : "false", set,
            text => bool.TryParse(text, out var value) ? value : null, "choose true, false");
        return setting with { IsFlag = true };
    }

    private static Setting<TOptions> Create<T>(
        string getter, string description, Func<TOptions, string> get, Func<TOptions, T, TOptions> set, Func<string, T?> parse, string advice)
        where T : struct
    {
        var field = getter[(getter.LastIndexOf('.') + 1)..];
        return new Setting<TOptions>(field, description, get, (options, text) =>
            set(options, parse(text) ?? throw new UsageException($"--{Kebab.From(field)} is '{text}'; {advice}")));
    }
}
