using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>All records of a database as it lies there, without forks; every link, hash and signature was checked.</summary>
/// <param name="Hashes">Each record's hash.</param>
/// <param name="Texts">Where each text of a <see cref="DiscoveryShared"/> stands first.</param>
/// <param name="Repeated">Events whose text stands elsewhere too.</param>
internal sealed record StoredRecords(IReadOnlyDictionary<EventId, Hash> Hashes, IReadOnlyDictionary<string, EventId> Texts, IReadOnlyList<EventId> Repeated)
{
    public static async Task<StoredRecords> ReadAsync(IEventStore store, ISignatureVerifier verifier, string where)
    {
        var (index, hashes, texts, repeated) = (new SegmentIndex(), new Dictionary<EventId, Hash>(), new Dictionary<string, EventId>(), new List<EventId>());
        Hash? tavern = null;
        await foreach (var (segment, _) in store.ReadSegmentsAsync(CancellationToken.None))
        {
            tavern ??= segment.Records[0].Hash;
            index.Add(segment, verified: true);
            Assert.True(segment.IsSignedBy(index.KeyOf(segment.Chain)!.Value.Span, tavern.Value, verifier), $"{where}: the signature on {segment.Chain}:{segment.Last} is wrong");
            foreach (var record in segment.Records)
            {
                Assert.Equal(Hash.Of(record.HeaderBytes.Span), record.Hash);
                Assert.Equal(Hash.Of(record.Payload.Span), record.Header.PayloadHash);
                if (record.Id.Sequence > 1 && index.TryGetHash(record.Id.Chain[record.Id.Sequence - 1], out var previous)) Assert.Equal(previous, record.Header.Previous);
                Assert.True(hashes.TryAdd(record.Id, record.Hash), $"{where}: {record.Id} stands twice");
                if (record.Header.Type == nameof(DiscoveryShared) && EventCatalogue.TryRead(record, out var body) && !texts.TryAdd(((DiscoveryShared)body).Text, record.Id))
                    repeated.Add(record.Id);
            }
        }

        return new StoredRecords(hashes, texts, repeated);
    }
}
