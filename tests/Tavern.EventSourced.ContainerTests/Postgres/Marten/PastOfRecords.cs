using System.Text.Json.Nodes;
using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>The vector clock of every record of a log, by hashes alone: what a record names by hash and what those name.</summary>
internal sealed class PastOfRecords
{
    private readonly Dictionary<UInt128, (EventRecord Record, SortedDictionary<string, long> Clock)> _held = [];

    /// <summary>The clock of the next record: by stream up to which version its writer had heard it, itself included.</summary>
    public JsonObject Next(EventRecord record)
    {
        SortedDictionary<string, long> clock = new(StringComparer.Ordinal);
        foreach (var named in Named(record))
            if (_held.TryGetValue(named, out var past))
                foreach (var (stream, version) in past.Clock) clock[stream] = Math.Max(version, clock.GetValueOrDefault(stream));
        clock[record.Id.Chain.ToString()] = record.Id.Sequence;
        _held.Add(record.Hash.Prefix, (record, clock));
        return new JsonObject(clock.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
    }

    private IEnumerable<UInt128> Named(EventRecord record)
    {
        var previous = record.Header.Previous.Prefix;
        yield return previous;
        foreach (var head in record.Header.Deps?.HeadHashes ?? []) yield return head;
        if (_held.TryGetValue(previous, out var origin) && origin.Record.Id.Chain.Main != record.Id.Chain.Main && Rekey.From(origin.Record) is { } rekey) yield return rekey.LastHash.Prefix;
    }
}
