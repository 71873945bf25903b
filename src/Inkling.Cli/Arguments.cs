using System.CommandLine;
using System.Globalization;

namespace Inkling.Cli;

/// <summary>Rules for what is given on the command line.</summary>
internal static class Arguments
{
    /// <summary>Refuses an empty text, such as an unset variable of a shell leaves.</summary>
    public static Option<T> NotEmpty<T>(this Option<T> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
            {
                result.AddError($"{option.Name} is empty");
            }
        });
        return option;
    }

    /// <inheritdoc cref="NotEmpty{T}(Option{T})"/>
    public static Argument<T> NotEmpty<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
            {
                result.AddError($"<{argument.Name}> is empty");
            }
        });
        return argument;
    }

    /// <summary>A whole number of a range; null where the option was not given.</summary>
    /// <exception cref="UsageException">It is something else.</exception>
    public static int? ReadNumber(this ParseResult parse, Option<string?> option, int least, int? most = null)
    {
        if (parse.GetValue(option) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= (most ?? int.MaxValue)
            ? number
            : throw new UsageException($"{option.Name} is '{text}'; it must be a whole number, {(most is null ? $"{least} or more" : $"{least} to {most}")}");
    }
}
