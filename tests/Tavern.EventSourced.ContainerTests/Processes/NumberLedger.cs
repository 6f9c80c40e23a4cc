using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Every number that was ever found in a log, and what it was given to.</summary>
internal sealed class NumberLedger
{
    private readonly Dictionary<EventId, Hash> _given = [];

    /// <summary>Adds all records of a store; fails when a number was given to another record, on whichever line of a chain.</summary>
    /// <param name="store">The store.</param>
    /// <param name="mustHave">Events that must be in it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AddAsync(IEventStore store, IEnumerable<string> mustHave, CancellationToken cancellationToken)
    {
        var here = new HashSet<EventId>();
        await foreach (var (segment, _) in store.ReadSegmentsAsync(cancellationToken))
        {
            foreach (var record in segment.Records)
            {
                Assert.True(record.Id.Branch == 0, $"{record.Id} is on a second line");
                here.Add(record.Id);
                if (!_given.TryAdd(record.Id, record.Hash)) Assert.True(_given[record.Id] == record.Hash, $"{record.Id} is {_given[record.Id]} in one log and {record.Hash} in another");
            }
        }

        foreach (var id in mustHave) Assert.True(here.Contains(EventId.Parse(id)), $"{id} is lost");
    }
}
