namespace Inkling.Kernels.Cpu.Emitted;

/// <summary>
/// The general registers that emitted code may change without saving them: those that the System V calling convention leaves to the callee,
/// where the first argument comes in <see cref="Rdi"/>. None needs a special encoding as a base.
/// </summary>
internal enum Register
{
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rsi = 6,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
    R11 = 11,
}
