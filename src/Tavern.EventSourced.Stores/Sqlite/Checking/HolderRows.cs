using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Whose logs there are: as the rows say, or as the logs themselves show, since only an agent's own events came without a
/// receipt.</summary>
internal static class HolderRows
{
    /// <summary>The numbers of the holders and their agents, by number.</summary>
    public static SortedDictionary<long, AgentId> Of(IReadOnlyList<StoredRow> rows, StoreCheck check, StoreExpectation expected)
    {
        var found = new SortedDictionary<long, AgentId>();
        var byKey = check.Chains.Values.Where(chain => chain.Key != 0).ToDictionary(chain => chain.Key, chain => chain.Id.Agent);
        foreach (var log in rows.OfType<StoredRow.Run>().Where(run => run is { ReceiptNumber: 0, Hop: 0 } && byKey.ContainsKey(run.ChainKey)).GroupBy(run => run.HolderKey))
            if (log.Select(run => byKey[run.ChainKey]).GroupBy(agent => agent).MaxBy(group => group.Count())!.Key is var agent && expected.Hosted.Contains(agent)) TryAdd(log.Key, agent);
        foreach (var row in rows.OfType<StoredRow.Holder>())
            if (row.Agent.Length == AgentId.Bytes && AgentId.FromBytes(row.Agent.Span) is var agent && expected.Hosted.Contains(agent)) TryAdd(row.Key, agent);
        foreach (var key in rows.OfType<StoredRow.Run>().Select(run => run.HolderKey).Distinct())
            if (!found.ContainsKey(key) && expected.Hosted.Except(found.Values).ToList() is [var last]) found.Add(key, last);
        if (found.Count == 0 && !expected.Hosted.IsEmpty) found.Add(1, expected.Hosted[0]);
        return found;

        void TryAdd(long key, AgentId agent)
        {
            if (!found.ContainsKey(key) && !found.ContainsValue(agent)) found.Add(key, agent);
        }
    }
}
