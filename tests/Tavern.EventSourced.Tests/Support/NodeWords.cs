using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>What tests say often.</summary>
public static class NodeWords
{
    /// <summary>Appends one message.</summary>
    public static async Task<EventId> SayAsync(this TavernNode node, AgentId agent, string text, CancellationToken cancellationToken = default) =>
        (await node.AppendAsync(agent, [EventCatalogue.Draft(new MessageSent(text))], AppendConditions.None, cancellationToken))[0];

    /// <summary>Waits until a hosted agent has written its first event: then it is vouched for and has announced itself.</summary>
    public static Task UntilAnnouncedAsync(this TavernNode node, AgentId agent) =>
        TestNodes.UntilAsync(node, agent, reader => reader.HasDelivered(agent, new EventId(agent, 1, 1)), $"{agent} announces itself");
}
