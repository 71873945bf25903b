using System.CommandLine;
using System.Text.Json.Nodes;
using Inkling.Formats;
using Inkling.Kernels;

namespace Inkling.Cli;

/// <summary>The options of commands that use a finished model: what computes, and in which precision.</summary>
internal sealed class ModelOptions
{
    private readonly KernelOptions _kernels;

    private readonly Option<string> _precision = new("--precision")
    {
        HelpName = "name",
        Description = $"Precision of the products: {string.Join(", ", Kebab.NamesOf<Precision>())}, which is what the model was trained with [default: auto]",
        DefaultValueFactory = _ => Kebab.From(nameof(Precision.Auto)),
    };

    /// <summary>Adds the options to a command.</summary>
    public ModelOptions(Command command)
    {
        _kernels = new KernelOptions(command);
        command.Add(_precision);
    }

    /// <summary>Starts the kernels that were asked for.</summary>
    /// <exception cref="UsageException">An option is not valid.</exception>
    public IKernels CreateKernels(ParseResult parse)
    {
        ReadPrecision(parse);
        return _kernels.Create(parse);
    }

    /// <summary>Reads a model.</summary>
    /// <exception cref="UsageException">An option is not valid.</exception>
    /// <exception cref="ModelFormatException">The folder or a file is missing, damaged, or does not fit the others.</exception>
    public LoadedModel Load(ParseResult parse, string folder, IKernels kernels)
    {
        var precision = ReadPrecision(parse);
        return ModelFolder.Load(folder, kernels, precision == Precision.Auto ? TrainedWith(ModelFolder.Describe(folder).About) : precision);
    }

    private static Precision TrainedWith(JsonObject about)
        => about["training"] is JsonObject training && training["precision"] is JsonValue value && value.TryGetValue(out string? name)
            && Kebab.TryParse<Precision>(name, out var precision) && precision != Precision.Auto
            ? precision
            : Precision.Float32;

    private Precision ReadPrecision(ParseResult parse)
        => Kebab.TryParse<Precision>(parse.GetValue(_precision)!, out var precision)
            ? precision
            : throw new UsageException($"--precision is '{parse.GetValue(_precision)}'; choose {string.Join(", ", Kebab.NamesOf<Precision>())}");
}
