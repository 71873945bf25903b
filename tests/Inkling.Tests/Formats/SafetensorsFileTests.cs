using System.Diagnostics;
using System.Text;
using Inkling.Formats;
using static Inkling.Tests.Formats.SafetensorsBytes;

namespace Inkling.Tests.Formats;

/// <summary>Malformed files, by the rows F1 to F21 of the list of things that are tried, and their neighbours.</summary>
public sealed class SafetensorsFileTests : IDisposable
{
    private static readonly string A = Tensor("a", "[2]", "[0,8]");

    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["x.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void F1_too_small(int bytes)
        => Refused(new byte[bytes], bytes == 0 ? ": is empty, or no regular file" : $": has {bytes} bytes, too few for a safetensors file");

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001UL)]
    public void F2_header_too_large(ulong length)
        => Refused(Length(length), $": announces a header of {length} bytes; 100000000 are the most", largestAllocation: 100_000);

    [Theory]
    [InlineData(1UL, 0)]
    [InlineData(100_000_000UL, 0)]
    [InlineData(11UL, 10)]
    public void F3_header_longer_than_the_file(ulong length, int rest)
        => Refused(
            [.. Length(length), .. new byte[rest]],
            $": announces a header of {length} bytes, but has {rest} after the length",
            largestAllocation: 100_000);

    [Fact]
    public void F4_header_not_UTF_8()
    {
        Refused(Of([(byte)'{', 0xFF, (byte)'}'], []), ": the header is not UTF-8");
        Refused(Of([(byte)'{', (byte)'"', 0xC0, 0xAF, (byte)'"', (byte)'}'], []), ": the header is not UTF-8");
        Refused("""{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, ", header byte 1: an escape stands for half a character");
        Refused("""{"a":{"dtype":"\udc00","shape":[],"data_offsets":[0,4]}}""", 4, ", header byte 14: an escape stands for half a character");
    }

    [Theory]
    [InlineData("", ": the header does not begin with {")]
    [InlineData("[]", ": the header does not begin with {")]
    [InlineData("null", ": the header does not begin with {")]
    [InlineData("\uFEFF{}", ": the header does not begin with {")]
    [InlineData(" {}", ": the header does not begin with {")] // F6
    [InlineData("{", ", line 1, byte 2: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.")]
    [InlineData("{}x", ", line 1, byte 3: 'x' is invalid after a single JSON value. Expected end of data.")]
    [InlineData("{}\0", ", line 1, byte 3: '0x00' is invalid after a single JSON value. Expected end of data.")]
    [InlineData("{\"a\":1,}", ", tensor \"a\": expected an object")]
    [InlineData("{\n}}", ", line 2, byte 2: '}' is invalid after a single JSON value. Expected end of data.")]
    public void F5_and_F6_header_not_a_JSON_object(string header, string message) => Refused(header, 0, message);

    [Fact]
    public void F5_what_is_not_JSON_is_quoted_in_part()
        => Refused($"{{\"a\":f{new string('x', 1_000)}", 0, $", line 1, byte 7: 'f{new string('x', 158)}…");

    [Theory]
    [InlineData("[0,8]")]
    [InlineData("[8,16]")]
    public void F7_two_tensors_of_one_name(string offsets)
        => Refused(Header(A, Tensor("a", "[2]", offsets)), 16, ": \"a\" is there twice");

    [Fact]
    public void F8_overlapping_tensors()
        => Refused(
            Header(Enumerable.Range(0, 10).Select(i => Tensor($"t{i}", "[4]", "[0,16]"))), 16,
            ", tensor \"t1\": begins at byte 0 of the data, but what lies before it ends at 16");

    [Theory]
    [InlineData("[0,8]", "[4,12]", 12, ", tensor \"b\": begins at byte 4 of the data, but what lies before it ends at 8")]
    [InlineData("[0,8]", "[12,20]", 20, ", tensor \"b\": begins at byte 12 of the data, but what lies before it ends at 8")]
    [InlineData("[8,16]", "[16,24]", 24, ", tensor \"a\": begins at byte 8 of the data, but what lies before it ends at 0")]
    public void F8_gaps_and_overlaps(string a, string b, int bytes, string message)
        => Refused(Header(Tensor("a", "[2]", a), Tensor("b", "[2]", b)), bytes, message);

    [Theory]
    [InlineData("[8,0]", "bytes [8, 0) are not inside the 8 bytes of data")]
    [InlineData("[0,9]", "bytes [0, 9) are not inside the 8 bytes of data")]
    [InlineData("[-8,0]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("[-0,8]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("[0,1e3]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("[0,8.0]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("[0,\"8\"]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("[0,null]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("[0,9007199254740993]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("[0,99999999999999999999]", "\"data_offsets\" holds something else than integers from 0 to 2^53")]
    [InlineData("{}", "expected an array for \"data_offsets\"")]
    [InlineData("8", "expected an array for \"data_offsets\"")]
    [InlineData("[8]", "needs dtype, shape and two data_offsets")]
    [InlineData("[0,4,8]", "needs dtype, shape and two data_offsets")]
    public void F10_offsets_that_are_none(string offsets, string message)
        => Refused(Header(Tensor("a", "[2]", offsets)), 8, $", tensor \"a\": {message}");

    [Theory]
    [InlineData("[2,18446744073709551614]", "\"shape\" holds something else than integers from 0 to 2^53")]
    [InlineData("[2,9223372036854775807]", "\"shape\" holds something else than integers from 0 to 2^53")]
    [InlineData("[9007199254740992,9007199254740992]", "shape [9007199254740992, 9007199254740992] is beyond 64 bits")]
    [InlineData("[9007199254740992,256]", "shape [9007199254740992, 256] is beyond 64 bits")]
    [InlineData("[4294967296,4294967296]", "shape [4294967296, 4294967296] is beyond 64 bits")]
    [InlineData("[3]", "F32 [3] takes 12 bytes, but [0, 8) are 8")] // F12
    [InlineData("[]", "F32 [] takes 4 bytes, but [0, 8) are 8")]
    [InlineData("[0,5]", "F32 [0, 5] takes 0 bytes, but [0, 8) are 8")]
    [InlineData("[-2]", "\"shape\" holds something else than integers from 0 to 2^53")]
    [InlineData("[[2]]", "\"shape\" holds something else than integers from 0 to 2^53", true)]
    [InlineData("2", "expected an array for \"shape\"")]
    public void F11_and_F12_shapes_that_do_not_fit(string shape, string message, bool tooDeep = false)
        => Refused(
            Header(Tensor("a", shape, "[0,8]")), 8,
            tooDeep ? ", line 1, byte 30: The maximum configured depth of 3 has been exceeded. Cannot read next JSON array." : $", tensor \"a\": {message}");

    [Fact]
    public void A_shape_has_at_most_64_dimensions()
    {
        Assert.Equal(64, Open(Header(Tensor("a", Ones(64), "[0,4]")), 4).Tensors["a"].Shape.Count);
        Refused(Header(Tensor("a", Ones(65), "[0,4]")), 4, ", tensor \"a\": \"shape\" has more than 64 numbers");

        static string Ones(int count) => $"[{string.Join(',', Enumerable.Repeat(1, count))}]";
    }

    [Fact]
    public void F13_bytes_behind_the_last_tensor()
    {
        Refused(Header(A), 9, ": the tensors end at byte 8 of the data, which has 9");
        Refused("{}", 1, ": the tensors end at byte 0 of the data, which has 1");
    }

    [Fact]
    public void F14_two_bytes_short() => Refused(Header(A), 6, ", tensor \"a\": bytes [0, 8) are not inside the 6 bytes of data");

    [Theory]
    [InlineData("F128")]
    [InlineData("f32")]
    [InlineData("I64")]
    [InlineData("U8")]
    [InlineData("1")]
    [InlineData(" F32")]
    [InlineData("F32,F16")]
    [InlineData("")]
    public void F15_unsupported_dtype(string type)
        => Refused(
            Header(Tensor("a", "[2]", "[0,8]", type)), 8,
            $", tensor \"a\": unsupported dtype \"{type}\"; F64, F32, F16, BF16 are read");

    [Theory]
    [InlineData("""{"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}""", "expected text for \"dtype\"")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "needs dtype, shape and two data_offsets")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", "needs dtype, shape and two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", "needs dtype, shape and two data_offsets")]
    [InlineData("""{"a":{}}""", "needs dtype, shape and two data_offsets")]
    [InlineData("""{"a":[]}""", "expected an object")]
    [InlineData("""{"a":null}""", "expected an object")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "field \"dtype\" is unknown or there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""", "field \"shape\" is unknown or there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x\ny":1}}""", """field "x\ny" is unknown or there twice""")]
    public void A_tensor_has_its_three_fields_and_no_others(string header, string message) => Refused(header, 8, $", tensor \"a\": {message}");

    [Theory]
    [InlineData("""{"__metadata__":{"k":1}}""", ", __metadata__: expected text for \"k\"")]
    [InlineData("""{"__metadata__":{"k":null}}""", ", __metadata__: expected text for \"k\"")]
    [InlineData("""{"__metadata__":{"k":{}}}""", ", __metadata__: expected text for \"k\"")]
    [InlineData("""{"__metadata__":[]}""", ", __metadata__: expected an object")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", ", __metadata__: \"k\" is there twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", ": \"__metadata__\" is there twice")]
    public void F17_metadata_that_is_not_text(string header, string message) => Refused(header, 0, message);

    [Fact]
    public void F17_metadata_has_at_most_a_megabyte_per_text()
    {
        Refused($$$"""{"__metadata__":{"k":"{{{new string('x', (1 << 20) + 1)}}}"}}""", 0, ", __metadata__: \"k\" has 1048577 bytes; 1048576 are the most");
        Assert.Equal(1 << 20, Open($$$"""{"__metadata__":{"k":"{{{new string('x', 1 << 20)}}}"}}""", 0).Metadata["k"].Length);
    }

    [Fact]
    public void F18_a_single_number_and_an_empty_tensor_are_tensors()
    {
        var tensors = Open(Header(Tensor("s", "[]", "[0,4]"), Tensor("e", "[2,0]", "[4,4]")), 4).Tensors;

        Assert.Equal([], tensors["s"].Shape);
        Assert.Equal(1, tensors["s"].Count);
        Assert.Equal([2, 0], tensors["e"].Shape);
        Assert.Equal(0, tensors["e"].Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void F19_an_empty_tensor_may_lie_between_others(int offset)
        => Assert.Equal(2, Open(Header(A, Tensor("e", "[0]", $"[{offset},{offset}]")), 8).Tensors.Count);

    [Fact]
    public void F19_an_empty_tensor_may_not_lie_inside_another()
        => Refused(
            Header(A, Tensor("e", "[0]", "[4,4]")), 8,
            ", tensor \"e\": begins at byte 4 of the data, but what lies before it ends at 8");

    [Fact]
    public void F20_deep_nesting()
    {
        Refused(
            $$"""{"a":{{new string('[', 100_000)}}""", 0, ", tensor \"a\": expected an object");
        Refused(
            $$$"""{"a":{"shape":{{{new string('[', 100_000)}}}""", 0,
            ", line 1, byte 16: The maximum configured depth of 3 has been exceeded. Cannot read next JSON array.");
        Refused(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), 0, ", tensor \"a\": field \"a\" is unknown or there twice");
    }

    [Fact]
    public void F21_many_tiny_tensors_take_linear_time_and_memory()
    {
        // A fifth of the row's million, which keeps the test short; the limits shrink with it.
        const int Count = 200_000;
        var header = Header(Enumerable.Range(0, Count).Select(i => Tensor($"tensor.number.{i:D7}", "[1]", $"[{i * 4},{(i + 1) * 4}]")));
        File.WriteAllBytes(FilePath, Of(header, Count * 4));
        var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());

        using var file = SafetensorsFile.Open(FilePath);

        Assert.Equal(Count, file.Tensors.Count);
        Assert.True(clock.Elapsed.TotalSeconds < 10, $"{clock.Elapsed}");
        var bytesPerByte = (GC.GetAllocatedBytesForCurrentThread() - before) / header.Length;
        Assert.True(bytesPerByte < 10, $"{bytesPerByte} bytes allocated per byte of the header");
    }

    [Fact]
    public void What_is_not_a_file_is_refused()
    {
        Assert.Equal($"{FilePath}: does not exist", Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(FilePath)).Message);
        Assert.Equal($"{_folder.Path}: is a folder, not a file", Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(_folder.Path)).Message);
    }

    [Fact]
    public void A_file_that_another_program_keeps_to_itself_is_refused()
    {
        using var other = new FileStream(FilePath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        other.WriteByte(1);
        other.Flush();

        Assert.StartsWith($"{FilePath}: cannot be read. ", Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(FilePath)).Message);
    }

    [Fact]
    public void A_file_that_shrinks_after_it_was_opened_is_refused()
    {
        File.WriteAllBytes(FilePath, Of(Header(Tensor("a", "[10000]", "[0,40000]")), 40_000)); // more than a stream buffers
        using var file = SafetensorsFile.Open(FilePath);
        using (var other = new FileStream(FilePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            other.SetLength(20_000);
        }

        Assert.StartsWith($"{FilePath}: cannot be read. ", Assert.Throws<ModelFormatException>(() => file.Read(file.Tensors["a"], 0, new float[10_000].AsSpan())).Message);
    }

    [Fact]
    public void Long_and_strange_names_stay_on_one_short_line()
    {
        var error = Refused($$"""{"{{new string('x', 1_000)}}\n":[]}""", 0, $", tensor \"{new string('x', 60)}…\": expected an object");

        Assert.Equal(FilePath, error.File);
        Assert.Equal($"tensor \"{new string('x', 60)}…\"", error.Location);
    }

    [Theory]
    [InlineData("F64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0 })]
    [InlineData("F32", new byte[] { 0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0 })]
    [InlineData("F16", new byte[] { 0, 0x3E, 0, 0xC0 })]
    [InlineData("BF16", new byte[] { 0xC0, 0x3F, 0, 0xC0 })]
    public void Every_type_that_is_read_becomes_float_or_double(string type, byte[] data)
    {
        var header = Header(Tensor("a", "[2]", $"[0,{data.Length}]", type));
        File.WriteAllBytes(FilePath, Of(Encoding.UTF8.GetBytes(header), data));
        using var file = SafetensorsFile.Open(FilePath);
        var (floats, doubles) = (new float[2], new double[1]);

        file.Read(file.Tensors["a"], 0, floats.AsSpan());
        file.Read(file.Tensors["a"], 1, doubles.AsSpan());

        Assert.Equal([1.5f, -2f], floats);
        Assert.Equal([-2.0], doubles);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(file.Tensors["a"], 1, floats.AsSpan()));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(file.Tensors["a"], -1, floats.AsSpan()));
    }

    private SafetensorsFile Open(string header, int dataBytes)
    {
        File.WriteAllBytes(FilePath, Of(header, dataBytes));
        using var file = SafetensorsFile.Open(FilePath);
        return file;
    }

    private ModelFormatException Refused(string header, int dataBytes, string message) => Refused(Of(header, dataBytes), message);

    private ModelFormatException Refused(byte[] content, string message, long largestAllocation = long.MaxValue)
    {
        File.WriteAllBytes(FilePath, content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(FilePath));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before <= largestAllocation);
        Assert.Equal(FilePath + message, error.Message);
        return error;
    }
}
