using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>What one agent answered when asked how it got an event.</summary>
/// <param name="Agent">Who was asked.</param>
/// <param name="Answer">Delivered or not delivered; null when it did not, or could not, answer.</param>
public sealed record DeliveryReport(AgentId Agent, AskAnswer? Answer);
