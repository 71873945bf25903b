// Makes src/Inkling/Text/Normalization/unicode.bin from files of the Unicode Character Database:
//
//     dotnet run tools/unicode-table.cs -- /usr/share/unicode src/Inkling/Text/Normalization/unicode.bin
//
// The first folder holds UnicodeData.txt, CompositionExclusions.txt and DerivedAge.txt, as Debian's package unicode-data brings them.
//
// The file is a row of sections without names. Each number takes 7 bits a byte, the lowest first, with the high bit where more follow; a signed one is
// doubled, and one less than that doubled where it is negative. "Gap" is the distance from the end of the last entry of the section (from 0 at first).
//     classes          count, then (gap, length, combining class) for each run of code points of one class
//     decompositions   count, then (gap, length, code points) for each code point with a canonical decomposition, all steps taken
//     compatible ones  the same, for each whose compatibility decomposition differs from that
//     compositions     count, then (gap, first, second) for each code point that a pair is composed to
//     three sets       count, then (gap, length) for each run, see below
//     small letters    count, then (gap, length, stride, signed distance to the small letter) for each run

using System.Globalization;

if (args is not [string folder, string target])
{
    Console.Error.WriteLine("usage: unicode-table.cs FOLDER TARGET");
    return 2;
}

var category = new string?[0x110000];
var combiningClass = new int[0x110000];
var small = new int[0x110000];
var decompositions = new SortedDictionary<int, (bool IsCompatible, int[] CodePoints)>();
int previous = 0;
foreach (string line in File.ReadLines(Path.Combine(folder, "UnicodeData.txt")))
{
    string[] fields = line.Split(';');
    int codePoint = Hex(fields[0]);
    for (int i = fields[1].EndsWith("Last>", StringComparison.Ordinal) ? previous : codePoint; i <= codePoint; i++)
        category[i] = fields[2];

    previous = codePoint;
    combiningClass[codePoint] = int.Parse(fields[3], CultureInfo.InvariantCulture);
    small[codePoint] = fields[13].Length == 0 ? 0 : Hex(fields[13]) - codePoint;
    if (fields[5].Length == 0)
        continue;

    string[] parts = fields[5].Split(' ');
    bool isCompatible = parts[0].StartsWith('<');
    decompositions.Add(codePoint, (isCompatible, [.. parts.Skip(isCompatible ? 1 : 0).Select(Hex)]));
}

var age = new double[0x110000];
Array.Fill(age, double.PositiveInfinity);
foreach ((int from, int to, string value) in Ranges("DerivedAge.txt"))
    Array.Fill(age, double.Parse(value, CultureInfo.InvariantCulture), from, to - from + 1);

// Hugging Face's tokenizers, whose ids are to be met, tells marks by tables that have not been renewed: StripAccents by those of Unicode 9,
// BertNormalizer by those of Unicode 8. Characters of today's database that are older had the same category but for these.
bool[] marks = SetOf(9, ["Mn", "Mc", "Me"], added: [0x1CF2, 0x1CF3], removed: [0x111C9]);
bool[] nonspacing = SetOf(8, ["Mn"], added: [0x1734], removed: [0x1885, 0x1886, 0xA9BD, 0x111C9]);
bool[] controls = SetOf(8, ["Cc", "Cf"], added: [], removed: []);

using var output = new BinaryWriter(File.Create(target));
WriteRuns(i => combiningClass[i], (i, next) => combiningClass[i] == combiningClass[next], (i, _) => Write(combiningClass[i]));

WriteDecompositions(codePoint => !decompositions[codePoint].IsCompatible, compatible: false);
WriteDecompositions(codePoint => !Decompose(codePoint, compatible: true).SequenceEqual(Decompose(codePoint, compatible: false)), compatible: true);
WriteCompositions();
foreach (bool[] set in new[] { marks, nonspacing, controls })
    WriteRuns(i => set[i] ? 1 : 0, (_, _) => true, (_, _) => { });

WriteSmallLetters();
output.Flush();
Console.WriteLine($"{target}: {output.BaseStream.Length} bytes");
return 0;

bool[] SetOf(double version, string[] categories, int[] added, int[] removed)
{
    var set = new bool[0x110000];
    for (int i = 0; i < set.Length; i++)
        set[i] = (age[i] <= version && categories.Contains(category[i]) && !removed.Contains(i)) || added.Contains(i);

    return set;
}

IEnumerable<(int From, int To, string Value)> Ranges(string name)
{
    foreach (string line in File.ReadLines(Path.Combine(folder, name)))
    {
        string[] fields = [.. line.Split('#')[0].Split(';').Select(field => field.Trim())];
        if (fields[0].Length == 0)
            continue;

        string[] range = fields[0].Split("..");
        yield return (Hex(range[0]), Hex(range[^1]), fields.Length > 1 ? fields[1] : "");
    }
}

// In no particular order of marks: who uses it sorts them.
List<int> Decompose(int codePoint, bool compatible)
{
    if (!decompositions.TryGetValue(codePoint, out (bool IsCompatible, int[] CodePoints) step) || (step.IsCompatible && !compatible))
        return [codePoint];

    return [.. step.CodePoints.SelectMany(part => Decompose(part, compatible))];
}

void WriteDecompositions(Func<int, bool> belongs, bool compatible)
{
    int[] codePoints = [.. decompositions.Keys.Where(belongs)];
    Write(codePoints.Length);
    int end = 0;
    foreach (int codePoint in codePoints)
    {
        List<int> parts = Decompose(codePoint, compatible);
        Write(codePoint - end);
        Write(parts.Count);
        parts.ForEach(Write);
        end = codePoint + 1;
    }
}

// Canonical pairs but those that begin with a mark, stand for a mark, or are excluded by name.
void WriteCompositions()
{
    HashSet<int> excluded = [.. Ranges("CompositionExclusions.txt").Select(range => range.From)];
    var pairs = decompositions.Where(entry =>
        !entry.Value.IsCompatible && entry.Value.CodePoints.Length == 2 && !excluded.Contains(entry.Key) &&
        combiningClass[entry.Key] == 0 && combiningClass[entry.Value.CodePoints[0]] == 0).ToArray();
    Write(pairs.Length);
    int end = 0;
    foreach ((int composed, (_, int[] parts)) in pairs)
    {
        Write(composed - end);
        Write(parts[0]);
        Write(parts[1]);
        end = composed + 1;
    }
}

// Runs of code points whose value is not 0 and whose neighbours belong together.
void WriteRuns(Func<int, int> valueOf, Func<int, int, bool> belongTogether, Action<int, int> writeRest)
{
    var runs = new List<(int From, int To)>();
    for (int i = 0; i < 0x110000; i++)
    {
        if (valueOf(i) == 0)
            continue;

        if (runs.Count > 0 && runs[^1].To == i && belongTogether(i - 1, i))
            runs[^1] = (runs[^1].From, i + 1);
        else
            runs.Add((i, i + 1));
    }

    Write(runs.Count);
    int end = 0;
    foreach ((int from, int to) in runs)
    {
        Write(from - end);
        Write(to - from);
        writeRest(from, to);
        end = to;
    }
}

// Capital and small letters stand either in two rows (stride 1) or by turns (stride 2).
void WriteSmallLetters()
{
    int[] capitals = [.. Enumerable.Range(0, small.Length).Where(i => small[i] != 0)];
    var runs = new List<(int From, int Count, int Stride)>();
    foreach (int capital in capitals)
    {
        if (runs.Count > 0)
        {
            (int from, int count, int stride) = runs[^1];
            int gap = capital - (from + ((count - 1) * stride));
            if (small[from] == small[capital] && gap <= 2 && (count == 1 || gap == stride))
            {
                runs[^1] = (from, count + 1, gap);
                continue;
            }
        }

        runs.Add((capital, 1, 1));
    }

    Write(runs.Count);
    int end = 0;
    foreach ((int from, int count, int stride) in runs)
    {
        Write(from - end);
        Write(count);
        Write(stride);
        Write(small[from] < 0 ? (-2 * small[from]) - 1 : 2 * small[from]);
        end = from + ((count - 1) * stride) + 1;
    }
}

void Write(int value) => output.Write7BitEncodedInt(value);

static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
