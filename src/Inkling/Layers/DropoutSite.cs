namespace Inkling.Layers;

/// <summary>Numbers of the dropouts of a model, so that no two draw the same mask.</summary>
internal static class DropoutSite
{
    public const int Embedding = 0;

    public static int Attention(int layer) => (3 * layer) + 1;

    public static int AttentionOutput(int layer) => (3 * layer) + 2;

    public static int FeedForward(int layer) => (3 * layer) + 3;
}
