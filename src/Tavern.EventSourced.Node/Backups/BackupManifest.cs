using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>The first part of a backup: what it is of. In JSON, so that people can read it without a program (<c>head -c 2000 FILE</c>).</summary>
/// <param name="Schema">Version of the manifest's shape.</param>
/// <param name="MadeAt">When the snapshot was taken.</param>
/// <param name="Tavern">The tavern's id.</param>
/// <param name="Name">The tavern's name.</param>
/// <param name="Hosted">Names of the agents whose logs it holds.</param>
/// <param name="Store">The kind of store it was taken of: <c>sqlite</c> or <c>postgres</c>; it can be restored into either.</param>
/// <param name="Events">How many events it holds.</param>
/// <param name="Keys">Whether it holds the agents' private keys.</param>
internal sealed record BackupManifest(
    int Schema, DateTimeOffset MadeAt, string Tavern, string Name, IReadOnlyList<string> Hosted, string Store, long Events, bool Keys)
{
    /// <summary>Its bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BackupJson.Default.BackupManifest);

    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It is none, or a newer version's.</exception>
    public static BackupManifest FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            if (FileSchema.Refusal(json, "The manifest") is { } refusal) throw new FormatException(refusal);
            return JsonSerializer.Deserialize(json, BackupJson.Default.BackupManifest) ?? throw new FormatException("The manifest holds null.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The manifest cannot be read: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
