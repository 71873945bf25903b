namespace Inkling.Tensors;

/// <summary>One recorded operation: what its backward pass needs. Nodes are used again in the next step.</summary>
public abstract class TapeNode
{
    /// <summary>The tensor whose gradient comes in; none for an operation that ends the forward pass.</summary>
    public Tensor Output { get; set; }

    /// <summary>Whether a gradient has come in.</summary>
    public virtual bool IsReached(Tape tape) => tape.HasGradient(Output);

    /// <summary>Takes note that no gradient came in, so that its parameters wait for no share of this operation.</summary>
    public virtual void Skip(Tape tape)
    {
    }

    /// <summary>Adds this operation's share to the gradients of its inputs and parameters.</summary>
    public abstract void Backward(Step step, Tape tape);
}
