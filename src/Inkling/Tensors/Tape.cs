using Inkling.Kernels;

namespace Inkling.Tensors;

/// <summary>
/// Records the operations of a forward pass and replays them backwards. Nodes and gradient slots are reused step after
/// step, so from the second step on recording allocates nothing.
/// </summary>
public sealed class Tape(GradientStore gradients)
{
    private readonly Recording _pass = new();
    private readonly Recording _section = new();
    private readonly List<Slot> _slots = [default];
    private readonly int[] _uses = new int[gradients.Parameters.Parameters.Count];
    private bool _isInSection;
    private bool _repeats;
    private int _firstSlot;

    /// <summary>Gradients of the parameters.</summary>
    public GradientStore Gradients { get; } = gradients;

    /// <summary>Called when a parameter's gradient has its last share of this backward pass, while the rest still runs.</summary>
    public Action<Parameter>? GradientFinished { get; set; }

    /// <summary>What is recorded now: the pass, or a section of it that is computed twice.</summary>
    private Recording Current => _isInSection ? _section : _pass;

    /// <summary>Forgets what was recorded; the arena has released it.</summary>
    public void Clear()
    {
        EndSection();
        _pass.Clear();
        _slots.RemoveRange(1, _slots.Count - 1);
        Array.Clear(_uses);
    }

    /// <summary>
    /// Records by itself what comes now, up to <see cref="EndSection"/>, and lets <see cref="Backward"/> run that alone. A section is recorded
    /// twice: in the forward pass for the parameters that it uses, and in the backward pass for its gradients.
    /// </summary>
    /// <param name="repeats">Whether this is the second time, and its parameters are counted already.</param>
    /// <exception cref="InvalidOperationException">A section is being recorded.</exception>
    public void BeginSection(bool repeats)
    {
        if (_isInSection)
        {
            throw new InvalidOperationException("A section that is computed again cannot contain another.");
        }

        (_isInSection, _repeats, _firstSlot) = (true, repeats, _slots.Count);
    }

    /// <summary>Forgets the operations and tensors of the section, whose memory is about to be released.</summary>
    public void EndSection()
    {
        if (_isInSection)
        {
            _section.Clear();
            _slots.RemoveRange(_firstSlot, _slots.Count - _firstSlot);
            (_isInSection, _repeats) = (false, false);
        }
    }

    /// <summary>The next node, taken from the last step where that recorded the same kind of operation here.</summary>
    public T Record<T>()
        where T : TapeNode, new()
    {
        var (nodes, index) = (Current.Nodes, Current.Count++);
        if (index == nodes.Count)
        {
            nodes.Add(new T());
        }
        else if (nodes[index] is not T)
        {
            nodes[index] = new T();
        }

        return (T)nodes[index];
    }

    /// <summary>A place for the gradient of a new tensor.</summary>
    public int AddSlot()
    {
        _slots.Add(default);
        return _slots.Count - 1;
    }

    /// <summary>A place for the gradient of columns of another tensor, inside that one's gradient.</summary>
    public int AddSlot(Tensor whole, int fromColumn)
    {
        _slots.Add(new Slot { Whole = whole, FromColumn = fromColumn });
        return _slots.Count - 1;
    }

    /// <summary>Whether anything has contributed to a tensor's gradient.</summary>
    public bool HasGradient(Tensor tensor) => tensor.NeedsGradient && _slots[tensor.Slot].IsWritten;

    /// <summary>The gradient that has come in for an operation's output.</summary>
    public MatrixView Gradient(Tensor tensor)
        => HasGradient(tensor) ? _slots[tensor.Slot].View : throw new InvalidOperationException($"No gradient has come in for a tensor {tensor.Shape}.");

    /// <summary>Where an operation writes its share of a tensor's gradient, and whether it must add to what is there.</summary>
    /// <exception cref="InvalidOperationException">The tensor has no place for a gradient.</exception>
    public MatrixView Target(Step step, Tensor tensor, out bool accumulate)
    {
        if (!tensor.NeedsGradient)
        {
            throw new InvalidOperationException($"A tensor {tensor.Shape} has no place for a gradient: no tape recorded it.");
        }

        Reserve(step, tensor);
        var slot = _slots[tensor.Slot];
        accumulate = slot.IsWritten;
        _slots[tensor.Slot] = slot with { IsWritten = true };
        return slot.View;
    }

    /// <summary>Finds room for a tensor's gradient now, where it has none yet, rather than when the first share comes in.</summary>
    public void Reserve(Step step, Tensor tensor)
    {
        if (tensor.NeedsGradient && _slots[tensor.Slot] is { View.IsNone: true } slot)
        {
            slot.View = slot.Whole.IsNone
                ? Take(step, tensor.Shape.Rows, tensor.Shape.Channels)
                : WholeGradient(step, slot.Whole).SliceColumns(slot.FromColumn, tensor.Shape.Channels);
            _slots[tensor.Slot] = slot;
        }
    }

    /// <summary>Marks the gradient of a tensor as complete after its columns have been written one by one.</summary>
    public void MarkWritten(Tensor tensor) => _slots[tensor.Slot] = _slots[tensor.Slot] with { IsWritten = true };

    /// <summary>
    /// Adds the gradient of an operation's output to that of an input that went into it as a plain summand. The first
    /// such gradient is not copied: the buffer changes hands. It must be the operation's last use of it.
    /// </summary>
    public void HandOver(Step step, Tensor output, Tensor input)
    {
        if (!input.NeedsGradient)
        {
            return;
        }

        var given = _slots[output.Slot];
        var slot = _slots[input.Slot];
        if (slot.View.IsNone && slot.Whole.IsNone)
        {
            _slots[input.Slot] = slot with { View = given.View, IsWritten = true };
            _slots[output.Slot] = given with { IsGiven = true };
            return;
        }

        var target = Target(step, input, out var accumulate);
        if (accumulate)
        {
            step.Kernels.Add(target, given.View, target);
        }
        else
        {
            step.Kernels.Copy(given.View, target);
        }
    }

    /// <summary>Takes back the buffer that <see cref="HandOver"/> gave to a tensor which is forgotten now.</summary>
    public void TakeBack(Tensor output) => _slots[output.Slot] = _slots[output.Slot] with { IsGiven = false };

    /// <summary>A buffer for a backward pass, from those that are no longer needed or from the arena.</summary>
    public MatrixView Take(Step step, int rows, int columns)
    {
        var free = Current.Free;
        for (var i = free.Count - 1; i >= 0; i--)
        {
            if (free[i].Rows == rows && free[i].Columns == columns)
            {
                var view = free[i];
                free.RemoveAt(i);
                return view;
            }
        }

        return step.Arena.Allocate(rows, columns);
    }

    /// <summary>Gives a buffer from <see cref="Take"/> back.</summary>
    public void Return(MatrixView view) => Current.Free.Add(view);

    /// <summary>Notes while recording that an operation will contribute to a parameter's gradient.</summary>
    public void Uses(Parameter? parameter)
    {
        if (parameter is not null && Gradients.Holds(parameter) && !_repeats)
        {
            _uses[parameter.Index]++;
        }
    }

    /// <summary>Notes that it has contributed, or never will.</summary>
    public void Contributed(Parameter? parameter)
    {
        if (parameter is not null && Gradients.Holds(parameter) && --_uses[parameter.Index] == 0)
        {
            GradientFinished?.Invoke(parameter);
        }
    }

    /// <summary>Runs the recorded operations backwards.</summary>
    public void Backward(Step step)
    {
        var recording = Current;
        for (var i = recording.Count - 1; i >= 0; i--)
        {
            var node = recording.Nodes[i];
            if (!node.IsReached(this))
            {
                node.Skip(this);
                continue;
            }

            node.Backward(step, this);
            Retire(node.Output);
        }
    }

    private void Retire(Tensor output)
    {
        if (output.NeedsGradient && _slots[output.Slot] is { IsGiven: false, Whole.IsNone: true, View.IsNone: false } slot)
        {
            Return(slot.View);
        }
    }

    private MatrixView WholeGradient(Step step, Tensor whole)
    {
        var slot = _slots[whole.Slot];
        if (slot.View.IsNone)
        {
            slot.View = Take(step, whole.Shape.Rows, whole.Shape.Channels);
            _slots[whole.Slot] = slot;
        }

        return slot.View;
    }

    /// <summary>Operations in their order, and the buffers that going back over them has set free.</summary>
    private sealed class Recording
    {
        public List<TapeNode> Nodes { get; } = [];

        public List<MatrixView> Free { get; } = [];

        public int Count { get; set; }

        public void Clear()
        {
            Count = 0;
            Free.Clear();
        }
    }

    private record struct Slot
    {
        public MatrixView View;
        public Tensor Whole;
        public int FromColumn;
        public bool IsWritten;
        public bool IsGiven;
    }
}
