using System.Text;
using FsCheck.Fluent;
using Inkling.Text;

namespace Inkling.Tests.Text;

public sealed class Utf8StreamDecoderTests
{
    [Fact]
    public void A_character_appears_with_its_last_byte()
    {
        var decoder = new Utf8StreamDecoder();

        Assert.Equal("a", decoder.Append([(byte)'a', 0xF0]));
        Assert.Equal("", decoder.Append([0x9F]));
        Assert.Equal("", decoder.Append([0x98]));
        Assert.Equal("\U0001F600b", decoder.Append([0x80, (byte)'b']));
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void The_end_turns_half_a_character_into_a_replacement_and_starts_afresh()
    {
        var decoder = new Utf8StreamDecoder();

        Assert.Equal("", decoder.Append([0xE2, 0x82]));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("€", decoder.Append([0xE2, 0x82, 0xAC]));
    }

    [Fact]
    public void A_byte_order_mark_is_text() =>
        Assert.Equal("\uFEFFa", new Utf8StreamDecoder().Append([0xEF, 0xBB, 0xBF, (byte)'a']));

    [Fact]
    public void However_the_bytes_are_cut_the_text_is_the_same() =>
        Law.Holds(RandomText.Bytes.Zip(Gen.Choose(0, int.MaxValue), (bytes, seed) => (bytes, seed)), sample =>
        {
            var decoder = new Utf8StreamDecoder();
            var text = new StringBuilder();
            foreach (byte[] piece in RandomText.Cut(sample.bytes, sample.seed))
                text.Append(decoder.Append(piece));

            text.Append(decoder.Flush());
            return text.ToString() == Encoding.UTF8.GetString(sample.bytes);
        });
}
