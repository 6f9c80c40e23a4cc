using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>How far an agent's log goes: in its own words, or at least, when it did not answer.</summary>
/// <param name="Agent">Whose log.</param>
/// <param name="Clock">Its clock; when it did not answer, the clock of its last event in the asker's log, which proves that
/// it had delivered at least that much; empty when nothing is known.</param>
/// <param name="Answered">False when it did not answer in time.</param>
public sealed record ClockReport(AgentId Agent, VectorClock Clock, bool Answered);
