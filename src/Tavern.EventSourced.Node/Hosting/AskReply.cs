using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What came of asking one agent: a verified answer, or why there is none. Exactly one of the two is set.</summary>
/// <param name="Agent">Who was asked.</param>
/// <param name="Answer">Its answer; the signature was checked when it came from another node.</param>
/// <param name="Failure">Why there is none, in one sentence.</param>
public sealed record AskReply(AgentId Agent, AskAnswer? Answer, string? Failure);
