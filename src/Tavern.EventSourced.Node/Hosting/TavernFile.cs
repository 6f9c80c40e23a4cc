using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>An agent whose log a data folder holds.</summary>
/// <param name="Agent">Its id.</param>
/// <param name="Name">The name it was spawned with; for people.</param>
public sealed record HostedName(AgentId Agent, string Name)
{
    /// <summary>What shows others that its present key is its, as it came with that key; the log says the same once it has it. Default: nothing, its id
    /// derives from the key.</summary>
    public ImmutableArray<SignedExcerpt> KeyTrail { get; init; } = [];
}

/// <summary>tavern.json: which tavern a data folder belongs to, whom it hosts, and whom to call first.</summary>
/// <param name="Tavern">The tavern's id.</param>
/// <param name="Name">The tavern's name, for people.</param>
/// <param name="Seeds">Whom to call first; may be empty.</param>
/// <param name="Hosted">Whose logs are here.</param>
public sealed record TavernFile(Hash Tavern, string Name, ImmutableArray<SeedAddress> Seeds, ImmutableArray<HostedName> Hosted)
{
    private const string FileName = "tavern.json";

    /// <summary>True once a store was made in the folder: from then on a start without one is refused, because it would use the agents'
    /// numbers again. Default: false, a newcomer whose node has not started yet.</summary>
    public bool Stored { get; init; }

    /// <summary>True when it was made by the first use of an invitation, as far as could be seen here: then the agent has written nothing yet. Default: false.</summary>
    public bool Invited { get; init; }

    /// <summary>True when a folder holds one.</summary>
    public static bool Exists(string dataFolder) => File.Exists(PathIn(dataFolder));

    /// <summary>Reads it.</summary>
    /// <exception cref="NodeFileException">It is missing or cannot be read.</exception>
    public static TavernFile Read(string dataFolder)
    {
        try
        {
            return Parse(File.ReadAllBytes(PathIn(dataFolder)), PathIn(dataFolder));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NodeFileException($"{dataFolder} holds no tavern: there is no {FileName}. Found a tavern or join one first.", e);
        }
    }

    /// <summary>Reads its content.</summary>
    /// <param name="json">The content.</param>
    /// <param name="path">Names it in messages.</param>
    /// <exception cref="NodeFileException">It cannot be read.</exception>
    public static TavernFile Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            if (FileSchema.Refusal(json, path) is { } refusal) throw new NodeFileException(refusal);
            var file = JsonSerializer.Deserialize(json, HostingJson.Default.TavernJson) ?? throw new JsonException("The file holds null.");
            return new TavernFile(
                Hash.Parse(file.Tavern),
                file.Name,
                [.. file.Seeds.Select(SeedJson.ToSeed)],
                [.. file.Hosted.Select(HostedJson.ToHosted)])
            {
                Stored = file.Stored,
                Invited = file.Invited,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new NodeFileException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes it, whole or not at all, for its owner alone (0600). When the method returns it survives power loss.</summary>
    public void Write(string dataFolder) => PrivateFile.Replace(PathIn(dataFolder), ToJson());

    /// <summary>Its content.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new TavernJson(
            FileSchema.Current,
            Tavern.ToString(),
            Name,
            [.. Seeds.Select(SeedJson.Of)],
            [.. Hosted.Select(HostedJson.Of)],
            Stored,
            Invited),
        HostingJson.Default.TavernJson);

    private static string PathIn(string dataFolder) => Path.Combine(dataFolder, FileName);
}

internal sealed record TavernJson(int Schema, string Tavern, string Name, SeedJson[] Seeds, HostedJson[] Hosted, bool Stored = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Invited = false);

internal sealed record HostedJson(string Agent, string Name, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ExcerptJson[]? KeyTrail = null)
{
    public static HostedJson Of(HostedName hosted) => new(hosted.Agent.ToString(), hosted.Name, ExcerptJson.Of(hosted.KeyTrail));

    public static HostedName ToHosted(HostedJson? hosted) => hosted is null
        ? throw new FormatException("A hosted agent is null.")
        : new HostedName(AgentId.Parse(hosted.Agent), hosted.Name) { KeyTrail = ExcerptJson.ToTrail(hosted.KeyTrail) };
}

internal sealed record SeedJson(string Agent, string Address)
{
    public static SeedJson Of(SeedAddress seed) => new(seed.Agent.ToString(), seed.Address.AbsoluteUri);

    public static SeedAddress ToSeed(SeedJson? seed)
    {
        if (seed is null) throw new FormatException("A seed is null.");
        return Uri.TryCreate(seed.Address, UriKind.Absolute, out var address)
            ? new SeedAddress(AgentId.Parse(seed.Agent), address)
            : throw new FormatException($"'{seed.Address}' is not an absolute address.");
    }
}

internal sealed record InvitationJson(
    int Schema, string Tavern, string TavernName, byte[] RootKey, string Agent, string Name, string PrivateKeyPem, SeedJson[] Seeds, RecordJson[] SpawnPath,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RecordJson? Rekeyed = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ExcerptJson[]? KeyTrail = null);

internal sealed record RecordJson(byte[] Header, byte[] Payload)
{
    public static RecordJson Of(EventRecord record) => new(record.HeaderBytes.ToArray(), record.Payload.ToArray());

    public static EventRecord ToRecord(RecordJson? record) =>
        record is null ? throw new JsonException("A record is null.") : EventRecord.Parse(record.Header, record.Payload);
}

internal sealed record ExcerptJson(byte[][] Headers, byte[] Payload, byte[] Signature)
{
    /// <summary>Null for nothing: most keys need no trail.</summary>
    public static ExcerptJson[]? Of(ImmutableArray<SignedExcerpt> trail) => trail.IsEmpty ? null :
    [
        .. trail.Select(excerpt => new ExcerptJson([.. excerpt.Headers.Select(header => header.ToArray())], excerpt.Payload.ToArray(), excerpt.Signature.ToArray())),
    ];

    public static ImmutableArray<SignedExcerpt> ToTrail(ExcerptJson[]? trail) => [.. (trail ?? []).Select(ToExcerpt)];

    private static SignedExcerpt ToExcerpt(ExcerptJson? excerpt) => excerpt is null
        ? throw new FormatException("An excerpt is null.")
        : new SignedExcerpt([.. excerpt.Headers.Select(header => (ReadOnlyMemory<byte>)header)], excerpt.Payload, excerpt.Signature);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TavernJson))]
[JsonSerializable(typeof(InvitationJson))]
internal sealed partial class HostingJson : JsonSerializerContext;
