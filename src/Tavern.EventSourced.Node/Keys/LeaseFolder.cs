using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>The leases in a keys folder, one file per agent beside its key. A file is replaced whole, and survives power loss when
/// <see cref="Write"/> returns. Safe for concurrent use with different agents.</summary>
public sealed class LeaseFolder(string folder)
{
    private const int BytesMax = 4096; // one lease has about 300

    /// <summary>Reads an agent's lease; null when there is none, as before its first start.</summary>
    /// <exception cref="KeyFolderException">The file is damaged, or open to others.</exception>
    public Lease? Read(AgentId agent)
    {
        var file = FileOf(agent);
        if (!File.Exists(file)) return null;
        var bytes = OwnerOnly.Read(file, BytesMax, $"The lease of agent {agent}");
        try
        {
            if (FileSchema.Refusal(bytes, file) is { } refusal) throw new KeyFolderException(refusal);
            var lease = JsonSerializer.Deserialize(bytes, LeaseJson.Default.LeaseFields) ?? throw new JsonException("The file holds null.");
            if (lease.Epoch < 1 || lease.Used < 0 || lease.Through < lease.Used) throw new JsonException($"Epoch {lease.Epoch}, {lease.Used} to {lease.Through} is no lease.");
            return AgentId.Parse(lease.Agent) == agent
                ? new Lease(Hash.Parse(lease.Tavern), agent, lease.Epoch, lease.Used, lease.Through, lease.File, lease.IsStopped, lease.State)
                : throw new JsonException($"It is the lease of {lease.Agent}.");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new KeyFolderException(
                $"{file} cannot be read: {e.Message} It says which numbers agent {agent} may have given to events. Restore its newest copy. If there is " +
                $"none, delete it, and make an empty file 'restored' in the data folder: the agent then goes on in a new epoch.", e);
        }
    }

    /// <summary>Writes an agent's lease.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public void Write(Lease lease) => PrivateFile.Replace(
        FileOf(lease.Agent),
        JsonSerializer.SerializeToUtf8Bytes(
            new LeaseFields(FileSchema.Current, lease.Tavern.ToString(), lease.Agent.ToString(), lease.Epoch, lease.Used, lease.Through, lease.File, lease.IsStopped, lease.State), LeaseJson.Default.LeaseFields));

    private string FileOf(AgentId agent) => Path.Combine(folder, agent + ".lease");
}

internal sealed record LeaseFields(int Schema, string Tavern, string Agent, int Epoch, long Used, long Through, string? File, bool IsStopped, string? State);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(LeaseFields))]
internal sealed partial class LeaseJson : JsonSerializerContext;
