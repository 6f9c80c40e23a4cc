using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>The first record of a tavern, written by its root agent. Its hash is the tavern's id.</summary>
/// <param name="Tavern">The tavern's name, for people.</param>
/// <param name="Name">The root agent's name.</param>
/// <param name="PublicKey">The root agent's key (SubjectPublicKeyInfo).</param>
/// <param name="RecoveryKey">A second key of the root that is kept offline.</param>
public sealed record TavernFounded(string Tavern, string Name, byte[] PublicKey, byte[] RecoveryKey) : TavernEvent;

/// <summary>The writer vouches for a new agent, whose parent it becomes. The new chain's first record names this event's hash.</summary>
/// <param name="Agent">The id of the public key.</param>
/// <param name="Name">The name people type: 1 to 64 letters, digits, <c>_</c> or <c>-</c>.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo.</param>
/// <param name="Role">What the agent is for; free text.</param>
/// <param name="InvitedUntil">Until when the invitation that holds its key may be used for the first time, by the clock of whoever lets it in; null
/// without an invitation, or when it holds for ever. It never decides what is delivered or counts.</param>
public sealed record AgentSpawned(
    AgentId Agent,
    string Name,
    byte[] PublicKey,
    string? Role = null,
    [property: JsonConverter(typeof(LaterTimeJson))] DateTimeOffset? InvitedUntil = null) : TavernEvent;

/// <summary>An ancestor gives an agent whose key was lost a new one.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="PublicKey">The new key.</param>
/// <param name="LastSequence">Last known head under the old key: an agent that never wrote is spawned anew instead.</param>
/// <param name="LastHash">Its hash.</param>
/// <param name="LastEpoch">Its epoch.</param>
public sealed record AgentRekeyed(AgentId Agent, byte[] PublicKey, long LastSequence, Hash LastHash, int LastEpoch = 1) : TavernEvent;

/// <summary>The writer can be reached at these addresses, best first; each replaces the one before. Addresses only: never health.</summary>
/// <param name="Addresses">Absolute URIs of gossip listeners.</param>
public sealed record EndpointAnnounced(ImmutableArray<string> Addresses) : TavernEvent;

/// <summary>An agent ends, by itself or by an ancestor. Its later records are delivered and shown as late, not folded.</summary>
/// <param name="Agent">Who.</param>
/// <param name="LastSequence">Its last record that counts.</param>
/// <param name="LastHash">That record's hash.</param>
/// <param name="Reason">Free text.</param>
public sealed record AgentRetired(AgentId Agent, long LastSequence, Hash LastHash, string? Reason = null) : TavernEvent;

/// <summary>The first record of a new epoch, after the agent's disk was lost or rolled back.</summary>
/// <param name="PreviousEpoch">The epoch that ended.</param>
/// <param name="LastSequence">Last recovered sequence of it, 0 for none.</param>
/// <param name="LastHash">That record's hash.</param>
public sealed record EpochStarted(int PreviousEpoch, long LastSequence, Hash LastHash) : TavernEvent;

/// <summary>An ancestor vouches for an agent's epoch after a fork: without it no later epoch of an agent that forked counts.</summary>
/// <param name="Agent">Whose epoch.</param>
/// <param name="Epoch">The epoch, from 2.</param>
/// <param name="FirstHash">Hash of the epoch's first record.</param>
public sealed record EpochEndorsed(AgentId Agent, int Epoch, Hash FirstHash) : TavernEvent;

/// <summary>Proof that an agent wrote two records in one place: both headers. Both branches are among the causes of this event, so the records
/// above them, up to the signatures, are at hand wherever it is.</summary>
/// <param name="Agent">The agent that forked.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Sequence">The first sequence at which the two lines differ.</param>
/// <param name="HeaderA">Header bytes of the one record.</param>
/// <param name="SignatureA">The signature that ends its segment.</param>
/// <param name="HeaderB">Header bytes of the other.</param>
/// <param name="SignatureB">The signature that ends its segment.</param>
public sealed record ForkDetected(AgentId Agent, int Epoch, long Sequence, byte[] HeaderA, byte[] SignatureA, byte[] HeaderB, byte[] SignatureB) : TavernEvent;
