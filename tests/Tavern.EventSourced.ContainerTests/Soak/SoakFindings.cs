using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>The logs of all nodes held against the journal of what clients were told, by brute force.</summary>
/// <param name="Acknowledged">Events that clients know to be written.</param>
/// <param name="Delivered">Events in the logs of others than their writers, over all logs.</param>
/// <param name="Lost">Acknowledged events that are missing in some log, or stand elsewhere than was acknowledged.</param>
/// <param name="Repeated">Idempotency keys that stand twice in some log.</param>
/// <param name="TwoHashes">Places of a chain at which two logs hold different records.</param>
/// <param name="Unequal">Events that some logs hold and others do not.</param>
/// <param name="Pathless">Deliveries whose receipts do not lead back to the writer.</param>
/// <param name="Epochs">Epochs begun by each node's agent, with the first.</param>
/// <param name="ToAll">For each acknowledged event the time from its acknowledgement to its receipt at the last node.</param>
internal sealed record SoakFindings(
    int Acknowledged, long Delivered, IReadOnlyList<string> Lost, int Repeated, int TwoHashes, int Unequal, long Pathless, IReadOnlyList<int> Epochs,
    IReadOnlyList<(DateTimeOffset Acknowledged, TimeSpan ToAll)> ToAll)
{
    public static SoakFindings Of(IReadOnlyList<NodeLog> logs, IReadOnlyDictionary<string, Acknowledged> journal)
    {
        var byAgent = logs.ToDictionary(log => log.Holder);
        var lost = journal.Where(entry => logs.Any(log => !Holds(log, entry.Key, entry.Value.Id))).Select(entry => entry.Key).ToList();
        var hashes = new Dictionary<EventId, Hash>();
        var holders = new Dictionary<EventId, int>();
        var twoHashes = 0;
        foreach (var (id, hash) in logs.SelectMany(log => log.Records.Hashes))
        {
            if (!hashes.TryAdd(id, hash) && hashes[id] != hash) twoHashes++;
            holders[id] = holders.GetValueOrDefault(id) + 1;
        }

        return new SoakFindings(
            journal.Count,
            logs.Sum(log => (long)log.Heard.Count),
            lost,
            logs.Sum(log => log.Records.Repeated.Count),
            twoHashes,
            holders.Values.Count(held => held != logs.Count),
            hashes.Keys.Sum(id => (long)logs.Count(log => log.Holder != id.Agent && !LeadsToWriter(id, log, byAgent))),
            [.. logs.Select(log => hashes.Keys.Where(id => id.Agent == log.Holder).Max(id => id.Epoch))],
            [.. journal.Values.Where(entry => !lost.Contains(entry.Id)).Select(entry => (entry.At, ToAllOf(EventId.Parse(entry.Id), entry.At, logs)))]);
    }

    private static bool Holds(NodeLog log, string key, string id) => log.Records.Texts.TryGetValue(Clients.TextOf(key), out var at) && at.ToString() == id;

    /// <summary>True when whoever brought it had it from somebody who had it, and so on, up to its writer.</summary>
    private static bool LeadsToWriter(EventId id, NodeLog log, Dictionary<AgentId, NodeLog> byAgent)
    {
        for (var steps = 0; steps < byAgent.Count; steps++)
        {
            if (!log.Heard.TryGetValue(id, out var heard)) return false;
            if (heard.From == id.Agent) return true;
            log = byAgent[heard.From];
        }

        return false;
    }

    /// <summary>Not below zero: an event may reach everybody while its writer's answer is on its way.</summary>
    private static TimeSpan ToAllOf(EventId id, DateTimeOffset acknowledged, IReadOnlyList<NodeLog> logs)
    {
        var last = logs.Where(log => log.Heard.ContainsKey(id)).Max(log => log.Heard[id].At);
        return last > acknowledged ? last - acknowledged : TimeSpan.Zero;
    }
}
