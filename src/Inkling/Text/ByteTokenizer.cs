using Inkling.Text.Subwords;

namespace Inkling.Text;

/// <summary>Makes the tokenizer whose tokens are the 256 bytes, each its own id.</summary>
public static class ByteTokenizer
{
    /// <summary>Makes it.</summary>
    public static Tokenizer Create()
    {
        byte[][] bytes = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        return new PipelineTokenizer(new TokenizerPipeline { Tokens = bytes, Stages = [], Model = new BytePairModel(bytes, merges: [], takesWholePieces: false) });
    }
}
