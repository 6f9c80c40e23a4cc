using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Subscriptions;

namespace Tavern.EventSourced.Tests.Subscriptions;

/// <summary>A handler whose answers follow from the cause alone, and what one pass over a log makes of it.</summary>
internal static class Reactions
{
    /// <summary>To each message, none to three discoveries, by its text.</summary>
    public static Task ReactAsync(Cause cause, CancellationToken _)
    {
        foreach (var text in AnswersTo(cause.Record)) cause.Emit(new DiscoveryShared(text));
        return Task.CompletedTask;
    }

    /// <summary>What a log must hold of an agent's answers: one pass over its messages, in the order of the log.</summary>
    public static List<(EventId Cause, string Text)> OnePass(IReadOnlyList<EventRecord> log, AgentId agent) =>
        [.. log.Where(record => record.Id.Agent != agent).SelectMany(record => AnswersTo(record).Select(text => (record.Id, text)))];

    /// <summary>What it does hold, with the cause that each answer declares.</summary>
    public static List<(EventId Cause, string Text)> Answers(IReadOnlyList<EventRecord> log, AgentId agent) =>
    [
        .. log.Where(record => record.Id.Agent == agent && record.Header.Type == nameof(DiscoveryShared))
            .Select(record => (record.Header.Causes[0], EventCatalogue.TryRead(record, out var body) ? ((DiscoveryShared)body).Text : "")),
    ];

    /// <summary>An agent's log, in its order.</summary>
    public static ValueTask<List<EventRecord>> LogAsync(TavernNode node, AgentId holder) => node.History.ReadAsync(
        reader => reader.Runs(holder, 1, int.MaxValue)
            .SelectMany(run => Enumerable.Range(0, (int)run.Count).Select(i => reader.Record(run.Chain[run.First + i]))).ToList(),
        CancellationToken.None);

    /// <summary>Where a subscription stands, as committed; 0 when it does not exist.</summary>
    public static async Task<long> PositionAsync(TavernNode node, AgentId agent, string name)
    {
        await foreach (var held in node.Store.ReadPositionsAsync(agent, CancellationToken.None))
            if (held.Subscription == name) return held.Position;
        return 0;
    }

    private static IEnumerable<string> AnswersTo(EventRecord record) =>
        record.Header.Type == nameof(MessageSent) && EventCatalogue.TryRead(record, out var body) && body is MessageSent(var text, _, _, _)
            ? Enumerable.Range(1, text.Sum(letter => letter) % 4).Select(i => $"{i} of {text}")
            : [];
}
