using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>Which of an agent's numbers may have been used: written beside its key, apart from the log, before they are.</summary>
/// <param name="Tavern">The tavern's id.</param>
/// <param name="Agent">Whose numbers.</param>
/// <param name="Epoch">Of which epoch.</param>
/// <param name="Used">At least so many were used.</param>
/// <param name="Through">At most so many.</param>
/// <param name="Stopped">Set by an orderly stop, after which <paramref name="Used"/> is exact: what <see cref="StopMark"/> said then.</param>
public sealed record Lease(Hash Tavern, AgentId Agent, int Epoch, long Used, long Through, string? Stopped = null);
