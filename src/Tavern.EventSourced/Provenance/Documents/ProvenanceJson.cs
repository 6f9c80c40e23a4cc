using System.Text.Json.Serialization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;

namespace Tavern.EventSourced.Provenance;

/// <summary>Writes the documents as JSON: camelCase keys, ids as text, times in RFC 3339, absent values left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters =
    [
        typeof(AgentIdJson), typeof(EventIdJson), typeof(HashJson), typeof(ChainIdJson), typeof(VectorClockJson), typeof(ExchangeJson),
        typeof(NameJson<DeliveryMode>), typeof(NameJson<ReceiptOutcome>), typeof(NameJson<LinkCondition>), typeof(NameJson<CausalOrder>),
        typeof(NameJson<ClaimStanding>), typeof(NameJson<SpreadState>), typeof(NameJson<SpreadFlaw>),
    ])]
[JsonSerializable(typeof(WhyDocument))]
[JsonSerializable(typeof(HeardDocument))]
[JsonSerializable(typeof(SpreadDocument))]
[JsonSerializable(typeof(DisagreementsDocument))]
public sealed partial class ProvenanceJson : JsonSerializerContext;
