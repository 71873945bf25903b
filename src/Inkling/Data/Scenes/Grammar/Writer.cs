using System.Text;
using Inkling.Kernels;

namespace Inkling.Data.Scenes.Grammar;

/// <summary>Writes one text of a grammar. Every choice is a function of the key and of how many choices came before it.</summary>
internal sealed class Writer
{
    private readonly RandomKey _key;
    private readonly StringBuilder _text;
    private Bindings _remembered;
    private uint _drawCount;

    private Writer(RandomKey key, StringBuilder text)
    {
        _key = key;
        _text = text;
    }

    /// <summary>−log of the probability of the choices, in nats.</summary>
    private double Surprise { get; set; }

    /// <summary>Appends a text.</summary>
    /// <returns>−log of its probability, in nats.</returns>
    public static double Write(Node node, RandomKey key, StringBuilder text)
    {
        var writer = new Writer(key, text);
        writer.Write(node);
        return writer.Surprise;
    }

    private void Write(Node node)
    {
        switch (node)
        {
            case Literal literal:
                _text.Append(literal.Text);
                break;
            case Sequence sequence:
                foreach (Node part in sequence.Parts)
                    Write(part);
                break;
            case Choice choice:
                int chosen = Draw(choice);
                Surprise -= Math.Log(choice.ProbabilityOf(chosen));
                Write(choice.Alternatives[chosen]);
                break;
            case Remember remember:
                _text.Append(remember.Text);
                _remembered = _remembered.With(remember.Variable, remember.Value);
                break;
            case Given given:
                Write(given.Branches[_remembered.ValueOf(given.Variable)]);
                break;
        }
    }

    private int Draw(Choice choice)
    {
        var words = Philox.Block(_key, row: 0, block: _drawCount++);
        ulong random = ((ulong)words[0] << 32) | words[1];
        // The high half of random · total: below total, with a bias of at most total / 2^64.
        int place = (int)Math.BigMul(random, (ulong)choice.TotalWeight, out _);
        int found = Array.BinarySearch(choice.UpTo, place + 1);
        return found >= 0 ? found : ~found;
    }
}
