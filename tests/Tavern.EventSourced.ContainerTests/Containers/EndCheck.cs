using Tavern.EventSourced.ContainerTests.Processes;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>What must hold once everything is healed, by brute force over copies of all logs: nothing acknowledged is lost or there twice, no number
/// stands for two events, views are equal, and every event has its receipt or is the holder's own.</summary>
internal static class EndCheck
{
    public static async Task VerifyAsync(TavernOfContainers tavern, CancellationToken cancellationToken)
    {
        await tavern.UntilConvergedAsync(cancellationToken);
        var views = new List<string>();
        foreach (var member in tavern.Members) views.Add((await member.InsistAsync(new GetState(member.Name), cancellationToken)).ViewHash);
        Assert.Single(views.Distinct());

        var everywhere = new Dictionary<EventId, Hash>();
        var counts = new List<int>();
        foreach (var member in tavern.Members)
        {
            using var folder = new TemporaryFolder();
            var copy = Path.Combine(folder.Path, "data");
            await member.Container.PauseAsync(); // so that database and write-ahead log are of one moment
            await member.Container.CopyOutAsync("/data", copy);
            await member.Container.UnpauseAsync();
            counts.Add(await VerifyAsync(tavern, Path.Combine(copy, "events.db"), member.Name, everywhere, cancellationToken));
        }

        Assert.All(counts, count => Assert.Equal(everywhere.Count, count));
    }

    private static async Task<int> VerifyAsync(TavernOfContainers tavern, string database, string where, Dictionary<EventId, Hash> everywhere, CancellationToken cancellationToken)
    {
        await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = database, Owner = "test", ReadOnly = true }, cancellationToken);
        var texts = new Dictionary<string, string>();
        var count = 0;
        await foreach (var (segment, _) in store.ReadSegmentsAsync(cancellationToken))
        {
            foreach (var record in segment.Records)
            {
                count++;
                Assert.Equal(Hash.Of(record.HeaderBytes.Span), record.Hash);
                if (!everywhere.TryAdd(record.Id, record.Hash)) Assert.True(everywhere[record.Id] == record.Hash, $"{where}: {record.Id} is another event than elsewhere");
                if (record.Header.Type == nameof(DiscoveryShared) && EventCatalogue.TryRead(record, out var body))
                    Assert.True(texts.TryAdd(((DiscoveryShared)body).Text, record.Id.ToString()), $"{where}: '{((DiscoveryShared)body).Text}' was written twice");
            }
        }

        foreach (var (text, id) in tavern.Acknowledged)
            Assert.True(texts.GetValueOrDefault(text) == id, $"{where}: '{text}' was acknowledged as {id} and is {texts.GetValueOrDefault(text) ?? "not there"}");
        await foreach (var holder in store.ReadHoldersAsync(cancellationToken)) await LogCheck.VerifyAsync(store, holder, tavern.Acknowledged.Values, where);
        return count;
    }
}
