using Inkling.Formats;
using Inkling.Kernels.Reference;
using Inkling.Models;

namespace Inkling.Training.Verification;

/// <summary>Looks at the files of one folder, each against the manifest and by itself. What is wrong is kept with the file; nothing is thrown.</summary>
internal sealed class FolderCheck
{
    private readonly string _folder;
    private readonly string _prefix;
    private readonly Action<string, long> _read;
    private readonly List<(string Name, VerifiedFile File)> _found = [];

    /// <summary>Reads the manifest.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What goes before the paths in the result.</param>
    /// <param name="read">Told which file is being read, and how many bytes since it was told before.</param>
    public FolderCheck(string folder, string prefix, Action<string, long> read)
    {
        (_folder, _prefix, _read) = (folder, prefix, read);
        Files = FolderFiles.Open(folder, out var problem);
        if (problem is not null)
        {
            this[Manifest.FileName].AddFault(problem.Problem);
        }
        else if (Files.Manifest is not null)
        {
            _ = this[Manifest.FileName];
        }
    }

    /// <summary>The files and the manifest, if that is good.</summary>
    public FolderFiles Files { get; }

    /// <summary>All that has been looked at.</summary>
    public IEnumerable<VerifiedFile> Found => _found.Select(each => each.File);

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => Found.All(file => file.Faults.Count == 0);

    /// <summary>What was found about a file.</summary>
    public VerifiedFile this[string name]
    {
        get
        {
            if (_found.Find(each => each.Name == name).File is { } known)
            {
                return known;
            }

            var info = new FileInfo(Files.PathOf(name));
            var file = new VerifiedFile(_prefix + Path.GetRelativePath(_folder, info.FullName).Replace('\\', '/'), info.Exists ? info.Length : null);
            _found.Add((name, file));
            return file;
        }
    }

    /// <summary>Whether a file is there, or should be by the manifest.</summary>
    public bool Expects(string name) => Files.Has(name) || Files.Listed(name) is not null;

    /// <summary>Checks size and hash where the manifest has them, then what is in the file.</summary>
    /// <param name="name">The file.</param>
    /// <param name="read">Reads it, and adds what it finds wrong.</param>
    /// <returns>What was read; null where that was not possible.</returns>
    public T? Check<T>(string name, Func<VerifiedFile, string, T?> read)
        where T : class
    {
        var (file, path) = (this[name], Files.PathOf(name));
        if (!Path.Exists(path))
        {
            file.AddFault(Files.Listed(name) is null ? "is missing" : $"is missing, but {Manifest.FileName} lists it");
            return null;
        }

        var opened = file.Try(() =>
        {
            using var stream = ModelFile.Open(path);
            if (Files.Listed(name) is { } listed && ModelFile.ProblemOf(stream, listed, bytes => _read(file.Path, bytes)) is { } problem)
            {
                file.AddFault(problem);
            }

            return file;
        });
        return opened is null ? null : file.Try(() => read(file, path));
    }

    /// <summary>Checks a file of which nothing is known but what the manifest says.</summary>
    public void Check(string name) => Check(name, (file, _) => file);

    /// <summary>Checks a safetensors file: its tensors by name and shape, and every number in them.</summary>
    /// <param name="name">The file.</param>
    /// <param name="config">The model that they are for; null where nobody knows.</param>
    /// <param name="layoutOf">The tensors that the model should have there.</param>
    /// <param name="rule">What their numbers can be.</param>
    public void CheckTensors(string name, GptConfig? config, Func<Gpt, IReadOnlyList<StoredTensor>> layoutOf, ValueRule rule)
        => Check(name, (file, path) =>
        {
            using var tensors = SafetensorsFile.Open(path);
            IReadOnlyList<StoredTensor> layout = config is null ? [] : Layout(config, layoutOf);
            if (config is not null)
            {
                foreach (var misfit in ParameterFile.Misfits(tensors, layout))
                {
                    file.AddFault($"the tensors do not fit the model: {misfit}");
                }
            }

            var zeros = layout.Where(tensor => tensor.Parameter is null).Select(tensor => tensor.Name).ToHashSet();
            foreach (var tensor in tensors.Tensors.Values.OrderBy(tensor => tensor.Begin))
            {
                var problem = ValueCheck.ProblemOf(tensors, tensor, zeros.Contains(tensor.Name) ? ValueRule.Zero : rule, bytes => _read(file.Path, bytes));
                if (problem is not null)
                {
                    file.AddFault(problem);
                }
            }

            return file;
        });

    /// <summary>Checks what else the manifest lists.</summary>
    public void CheckRest()
    {
        foreach (var listed in Files.Manifest?.Files ?? [])
        {
            if (_found.TrueForAll(each => each.Name != listed.Name))
            {
                Check(listed.Name);
            }
        }
    }

    /// <summary>Demands that the manifest lists these files, where they and it are there.</summary>
    public void RequireListed(IEnumerable<string> names)
    {
        foreach (var name in names.Where(IsUnlisted))
        {
            this[name].AddFault($"is not listed in {Manifest.FileName}");
        }
    }

    /// <summary>Whether a file is there of which the manifest does not know.</summary>
    public bool IsUnlisted(string name) => Files.Has(name) && Files.Manifest is not null && Files.Listed(name) is null;

    /// <summary>Its parameters are laid out and never allocated.</summary>
    private static IReadOnlyList<StoredTensor> Layout(GptConfig config, Func<Gpt, IReadOnlyList<StoredTensor>> layoutOf)
    {
        using var kernels = new ReferenceKernels<float>();
        using var model = new Gpt(config, kernels);
        return layoutOf(model);
    }
}
