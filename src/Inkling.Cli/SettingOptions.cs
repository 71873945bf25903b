using System.CommandLine;

namespace Inkling.Cli;

/// <summary>The command-line options of some settings.</summary>
internal sealed class SettingOptions<TOptions>
{
    private readonly (Setting<TOptions> Setting, Option Option)[] _options;

    /// <summary>Adds the options to a command.</summary>
    public SettingOptions(Command command, IEnumerable<Setting<TOptions>> settings)
    {
        _options = [.. settings.Select(setting => (setting, Create(setting)))];
        foreach (var (_, option) in _options)
        {
            command.Add(option);
        }

        static Option Create(Setting<TOptions> setting)
        {
            var name = $"--{setting.Name}";
            string[] aliases = setting.ShortName is { } shortName ? [$"--{shortName}"] : [];
            Option option = setting.IsFlag ? new Option<bool?>(name, aliases) : new Option<string?>(name, aliases);
            (option.HelpName, option.Description) = ("x", setting.Description);
            return option;
        }
    }

    /// <summary>The full name of the option that goes by this one, without dashes; null where there is none.</summary>
    public string? Find(string name)
        => Array.Find(_options, each => each.Setting.Name == name || each.Setting.ShortName == name).Setting?.Name;

    /// <summary>Names and texts of the options given.</summary>
    public IEnumerable<(string Name, string Text)> Given(ParseResult parse)
        => from each in _options
           let text = each.Option switch
           {
               Option<bool?> flag => parse.GetValue(flag)?.ToString(),
               var option => parse.GetValue((Option<string?>)option),
           }
           where text is not null
           select (each.Setting.Name, text);

    /// <summary>The record with what is given set, not yet checked.</summary>
    public TOptions Apply(IReadOnlyDictionary<string, string> given, TOptions options)
        => _options.Aggregate(
            options, (result, each) => given.TryGetValue(each.Setting.Name, out var text) ? each.Setting.Set(result, text) : result);
}
