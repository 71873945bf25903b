namespace Inkling.Tensors;

/// <summary>Looks at a forward pass from inside, to explain it.</summary>
public interface IProbe
{
    /// <summary>Called with each tensor that a layer names, such as <c>h.0.output</c>, once it is queued.</summary>
    void Observe(string name, Tensor tensor);
}
