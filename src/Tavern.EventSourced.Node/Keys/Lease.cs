using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>Which of an agent's numbers may have been used: written beside its key, apart from the log, before they are.</summary>
/// <param name="Tavern">The tavern's id.</param>
/// <param name="Agent">Whose numbers.</param>
/// <param name="Epoch">Of which epoch.</param>
/// <param name="Used">At least so many were used.</param>
/// <param name="Through">At most so many.</param>
/// <param name="File">Which file the log was in (<see cref="FileMark.Identity"/>); null when the system does not say.</param>
/// <param name="IsStopped">Written by an orderly stop: <paramref name="Used"/> is exact.</param>
/// <param name="State">In which state the file was after an orderly stop (<see cref="FileMark.State"/>); null otherwise.</param>
public sealed record Lease(Hash Tavern, AgentId Agent, int Epoch, long Used, long Through, string? File, bool IsStopped = false, string? State = null);
