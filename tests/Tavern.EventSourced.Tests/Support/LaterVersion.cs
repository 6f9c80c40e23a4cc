using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Writes records as a later version of Tavern could: with header fields that this one does not know.</summary>
internal static class LaterVersion
{
    /// <summary>Header field 32, two bytes.</summary>
    private static readonly byte[] UnknownField = [0x82, 0x02, 0x02, 0x07, 0x09];

    /// <summary>The same record with one more field in its header: another hash.</summary>
    public static EventRecord WithUnknownField(EventRecord record) => EventRecord.Parse((byte[])[.. record.HeaderBytes.Span, .. UnknownField], record.Payload);

    /// <summary>The next segment of a chain: one record with an unknown field.</summary>
    public static Segment Write(Hash tavern, ChainId chain, IAgentSigner signer, long head, Hash headHash, EventDraft draft)
    {
        var plain = new ChainWriter(tavern, chain, signer).Write([draft], head, headHash, [], [new HybridTime(1_767_225_600_000 + head, 0)]).Single();
        var record = WithUnknownField(plain.Records[0]);
        return new Segment([record], signer.Sign(Segment.SignedContent(tavern, record.Id, record.Hash)));
    }
}
