using System.Collections.Immutable;
using System.Text.Json;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>All a newcomer on another node needs, in one file. It holds the newcomer's private key: whoever reads it can write as
/// that agent.</summary>
/// <param name="Schema">1.</param>
/// <param name="Tavern">The tavern's id.</param>
/// <param name="TavernName">Its name, for people.</param>
/// <param name="RootKey">The root agent's public key (SubjectPublicKeyInfo).</param>
/// <param name="Agent">The newcomer.</param>
/// <param name="Name">The newcomer's name.</param>
/// <param name="PrivateKeyPem">The newcomer's key (PKCS#8, PEM).</param>
/// <param name="Seeds">Whom to call first.</param>
/// <param name="SpawnPath">The records that vouch for the newcomer: the one that founds the tavern, then spawn by spawn down to
/// its own.</param>
public sealed record Invitation(
    int Schema,
    Hash Tavern,
    string TavernName,
    byte[] RootKey,
    AgentId Agent,
    string Name,
    string PrivateKeyPem,
    ImmutableArray<SeedAddress> Seeds,
    ImmutableArray<EventRecord> SpawnPath)
{
    /// <summary>The <c>AgentRekeyed</c> that gives an agent which lost its key the one in here; null for a newcomer.</summary>
    public EventRecord? Rekeyed { get; init; }

    /// <summary>What shows others that the new key is the agent's, before they hear of it: see <see cref="Events.KeyTrail"/>. Empty for a newcomer.</summary>
    public ImmutableArray<SignedExcerpt> KeyTrail { get; init; } = [];

    /// <summary>Until when it may be used; null for ever. Stands in the record that vouches for the newcomer, so nobody can lengthen it. One with a new
    /// key holds for ever.</summary>
    public DateTimeOffset? Expires =>
        Rekeyed is null && EventCatalogue.TryRead(SpawnPath[^1], out var body) && body is AgentSpawned spawned ? spawned.InvitedUntil : null;

    private const int BytesMax = 4 * 1024 * 1024; // a spawn path of thousands; more is no invitation

    /// <summary>The JSON form.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new InvitationJson(
            Schema, Tavern.ToString(), TavernName, RootKey, Agent.ToString(), Name, PrivateKeyPem,
            [.. Seeds.Select(SeedJson.Of)],
            [.. SpawnPath.Select(RecordJson.Of)],
            Rekeyed is null ? null : RecordJson.Of(Rekeyed),
            ExcerptJson.Of(KeyTrail)),
        HostingJson.Default.InvitationJson);

    /// <summary>Reads the JSON form and checks that it holds together.</summary>
    /// <exception cref="NodeFileException">It is not an invitation, or not a sound one.</exception>
    public static Invitation FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            if (FileSchema.Refusal(json, "The invitation") is { } refusal) throw new NodeFileException(refusal);
            var file = JsonSerializer.Deserialize(json, HostingJson.Default.InvitationJson) ?? throw new JsonException("The file holds null.");
            var invitation = new Invitation(
                file.Schema, Hash.Parse(file.Tavern), file.TavernName, file.RootKey, AgentId.Parse(file.Agent), file.Name, file.PrivateKeyPem,
                [.. file.Seeds.Select(SeedJson.ToSeed)],
                [.. file.SpawnPath.Select(RecordJson.ToRecord)])
            {
                Rekeyed = file.Rekeyed is null ? null : RecordJson.ToRecord(file.Rekeyed),
                KeyTrail = ExcerptJson.ToTrail(file.KeyTrail),
            };
            InvitationCheck.Require(invitation);
            return invitation;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new NodeFileException($"The invitation cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads an invitation file.</summary>
    /// <exception cref="NodeFileException">It is missing, not an invitation, or not a sound one.</exception>
    public static Invitation Read(string path)
    {
        if (!File.Exists(path)) throw new NodeFileException($"There is no invitation at {path}.");
        if (new FileInfo(path).Length > BytesMax) throw new NodeFileException($"{path} has more than {BytesMax} bytes: it is no invitation.");
        return FromJson(File.ReadAllBytes(path));
    }
}
