using System.Text.Json.Nodes;
using Inkling.Text;

namespace Inkling.Formats;

/// <summary>Opens a tokenizer by the path of a folder or a file, whatever kind it is, and writes one to a folder.</summary>
public static class TokenizerFiles
{
    private const string VocabularyName = "vocab.json";
    private const string MergesName = "merges.txt";
    private const string WordsName = "vocab.txt";
    private const string TiktokenExtension = ".tiktoken";
    private const long MaximumBytes = 1 << 27; // the largest in use have 33 MB

    // The first that is there counts. Llama 3 calls a .tiktoken file tokenizer.model: the content tells.
    private static readonly string[] Names = [ModelFolder.TokenizerName, "tokenizer.model", "spiece.model", VocabularyName, WordsName];

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="path">
    /// A <c>tokenizer.json</c>, a SentencePiece <c>.model</c>, a <c>.tiktoken</c> file, a <c>vocab.json</c> or <c>merges.txt</c> with the other beside it, a
    /// <c>vocab.txt</c> of BERT, or a folder that holds one of them: in a folder with several the first of this list, but of the pair before a
    /// <c>.tiktoken</c> file.
    /// </param>
    /// <exception cref="ModelFormatException">There is no such file, or it is damaged or of another kind.</exception>
    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            return Read(path, listed: null, Beside(path));
        }

        return FolderFiles.Read(path, files =>
        {
            string name = Array.Find(Names, files.Has) ?? FindTiktoken(path);
            return Read(files.PathOf(name), files.Listed(name), files.PathOf);
        });
    }

    /// <summary>Makes sure that <see cref="Save(string, Tokenizer, int?)"/> replaces no tokenizer, which may be that of a model.</summary>
    /// <exception cref="ModelFormatException">The folder holds one, or is a file.</exception>
    public static void RequireFree(string folder)
    {
        if (File.Exists(folder))
        {
            throw new ModelFormatException(folder, "is a file; a tokenizer is written to a folder");
        }

        if (Array.Find([ModelFolder.TokenizerName, ModelFolder.TokenizerConfigName], name => Path.Exists(Path.Combine(folder, name))) is { } name)
        {
            throw new ModelFormatException(folder, $"holds a {name} already; choose another folder");
        }
    }

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, as other tools read them, both at one moment.</summary>
    /// <param name="folder">Made if it is not there; what else it holds stays.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="contextLength">The longest sequence, in tokens, that its model accepts; null where nobody knows.</param>
    /// <exception cref="NotSupportedException"><c>tokenizer.json</c> has no way to say what the tokenizer does.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Save(string folder, Tokenizer tokenizer, int? contextLength = null) => Save(Storage.Disk, folder, tokenizer, contextLength);

    internal static void Save(Storage storage, string folder, Tokenizer tokenizer, int? contextLength)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(tokenizer);
        using var update = new FolderUpdate(storage, folder);
        update.Write(ModelFolder.TokenizerName, tokenizer.Save);
        update.Write(ModelFolder.TokenizerConfigName, stream => tokenizer.SaveConfiguration(stream, contextLength));
        update.Commit();
    }

    private static string FindTiktoken(string folder)
    {
        var found = Directory.EnumerateFiles(folder, $"*{TiktokenExtension}").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);
        return found.Take(2).ToArray() switch
        {
            [var only] => only,
            [var first, var second] => throw new ModelFormatException(folder, $"holds {first} and {second}; give the path of one"),
            _ => throw new ModelFormatException(folder, $"holds no tokenizer: none of {string.Join(", ", Names)}, *{TiktokenExtension}"),
        };
    }

    private static Func<string, string> Beside(string path) => name => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);

    /// <summary>Reads a file of any kind.</summary>
    /// <param name="path">The file.</param>
    /// <param name="listed">What it must be; null where nobody knows.</param>
    /// <param name="pathOf">Where the files beside it lie.</param>
    private static Tokenizer Read(string path, ManifestFile? listed, Func<string, string> pathOf)
    {
        using var stream = Open(path, listed);
        try
        {
            return KindOf(path, stream) switch
            {
                Kind.Json => HuggingFaceTokenizer.Load(stream),
                Kind.Tiktoken => TiktokenFile.Load(stream),
                Kind.SentencePiece => SentencePieceTokenizer.Load(stream),
                Kind.Words => WordPieceTokenizer.Load(stream, ReadOptions(pathOf(ModelFolder.TokenizerConfigName))),
                Kind.Vocabulary => ReadPair(path, stream, pathOf(MergesName), isVocabulary: true),
                Kind.Merges => ReadPair(path, stream, pathOf(VocabularyName), isVocabulary: false),
                _ => throw new ModelFormatException(path, "is no tokenizer of a kind that is known"),
            };
        }
        catch (TokenizerFormatException e)
        {
            // Of a pair it may be the other.
            var isOther = e.FileKind is MergesName or VocabularyName && Path.GetFileName(path) != e.FileKind && File.Exists(pathOf(e.FileKind));
            throw new ModelFormatException(isOther ? pathOf(e.FileKind) : path, e.Problem, e.Location, e);
        }
        catch (IOException e)
        {
            throw new ModelFormatException(path, $"cannot be read. {e.Message}", cause: e);
        }
    }

    private static Tokenizer ReadPair(string path, Stream stream, string otherPath, bool isVocabulary)
    {
        if (!File.Exists(otherPath))
        {
            throw new ModelFormatException(path, $"is half of a tokenizer; {Path.GetFileName(otherPath)} must be beside it");
        }

        using var other = Open(otherPath, listed: null);
        return isVocabulary ? MergesFile.Load(stream, other) : MergesFile.Load(other, stream);
    }

    private static FileStream Open(string path, ManifestFile? listed)
    {
        var stream = ModelFile.Open(path, listed);
        if (stream.Length <= MaximumBytes)
        {
            return stream;
        }

        long length = stream.Length;
        stream.Dispose();
        throw new ModelFormatException(path, $"has {length} bytes; {MaximumBytes} are the most for a tokenizer");
    }

    // The names of a pair's halves and of BERT's file tell; else the first bytes do.
    private static Kind KindOf(string path, Stream stream)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(MergesName, StringComparison.OrdinalIgnoreCase))
        {
            return Kind.Merges;
        }

        if (name.EndsWith(VocabularyName, StringComparison.OrdinalIgnoreCase))
        {
            return Kind.Vocabulary;
        }

        Span<byte> first = stackalloc byte[256];
        first = first[..stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (first.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return Kind.Json;
        }

        if (name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase))
        {
            return Kind.Words;
        }

        // Base64, a space, a number. A SentencePiece model begins with the tag of a piece, which is a line end.
        int end = first.IndexOfAny((byte)'\n', (byte)'\r');
        int space = end < 0 ? -1 : first[..end].LastIndexOf((byte)' ');
        bool isTiktoken = space > 0 && !first[(space + 1)..end].ContainsAnyExceptInRange((byte)'0', (byte)'9');
        return isTiktoken || name.EndsWith(TiktokenExtension, StringComparison.OrdinalIgnoreCase) ? Kind.Tiktoken
            : first is [(byte)'\n', ..] || name.EndsWith(".model", StringComparison.OrdinalIgnoreCase) ? Kind.SentencePiece
            : Kind.Unknown;
    }

    private static WordPieceOptions ReadOptions(string path)
    {
        if (!File.Exists(path))
        {
            return new WordPieceOptions();
        }

        JsonObject config = JsonFile.Read(path);
        return new WordPieceOptions
        {
            Lowercases = Flag(path, config, "do_lower_case") ?? true,
            StripsAccents = Flag(path, config, "strip_accents"),
            SeparatesChinese = Flag(path, config, "tokenize_chinese_chars") ?? true,
        };
    }

    private static bool? Flag(string path, JsonObject config, string name) => config[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw new ModelFormatException(path, "expected true or false", $"$.{name}"),
    };

    private enum Kind
    {
        Unknown,
        Json,
        SentencePiece,
        Tiktoken,
        Vocabulary,
        Merges,
        Words,
    }
}
