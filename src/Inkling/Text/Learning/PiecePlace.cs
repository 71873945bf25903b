namespace Inkling.Text.Learning;

/// <summary>A place within a piece.</summary>
/// <param name="Position">Where it lies in the array of all pieces.</param>
/// <param name="Piece">Which piece it is.</param>
internal readonly record struct PiecePlace(int Position, int Piece);
