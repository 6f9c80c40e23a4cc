using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>store.json: where the log of a data folder is, when it is not in the folder: a schema of a PostgreSQL server. It is remembered because
/// a start that knew nothing of it would begin an empty log, and use the agents' numbers again. It holds no password.</summary>
/// <param name="Connection">Npgsql's connection string, without a password: that comes from the password file (PGPASSFILE) or PGPASSWORD.</param>
/// <param name="Schema">The schema of this node alone.</param>
public sealed record StoreFile(string Connection, string Schema)
{
    private const string FileName = "store.json";

    /// <summary>Version of the file's shape.</summary>
    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = 1;

    /// <summary>The server and the schema, for people.</summary>
    [JsonIgnore]
    public string Text => new PostgresAddress(Connection, Schema).ToString();

    /// <summary>Reads what a person typed. The schema is the one that <c>Search Path</c> names, else a new name.</summary>
    /// <param name="text">A connection string.</param>
    /// <param name="name">Whose store, to make the new name readable.</param>
    /// <exception cref="ArgumentException">It cannot be read, or it holds a password; the message does not repeat it.</exception>
    public static StoreFile Parse(string text, string name)
    {
        var settings = PostgresAddress.Read(text);
        if (!string.IsNullOrEmpty(settings.Password) || !string.IsNullOrEmpty(settings.SslPassword))
            throw new ArgumentException(
                "The connection string holds a password: every process of this machine can read it on a command line. Leave it out, and put it into ~/.pgpass (0600) or PGPASSWORD.");
        var schema = settings.SearchPath ?? NewSchema(name);
        settings.SearchPath = null;
        _ = new PostgresAddress(settings.ToString(), schema);
        return new StoreFile(settings.ToString(), schema);
    }

    /// <summary>Reads it; null when the log is in the folder itself.</summary>
    /// <exception cref="NodeFileException">It cannot be read.</exception>
    public static StoreFile? Find(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), StoreJson.Default.StoreFile) ?? throw new JsonException("The file holds null.");
            return file.Version == 1 ? file : throw new NodeFileException($"{path} has version {file.Version}; this version reads 1. Use a newer version of Tavern.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new NodeFileException($"{path} cannot be read: {e.Message} Correct it, or say --store again.", e);
        }
    }

    /// <summary>Writes it, whole or not at all, for its owner alone (0600). When the method returns it survives power loss.</summary>
    public void Write(string dataFolder)
    {
        PrivateFile.CreateFolder(dataFolder);
        PrivateFile.Replace(Path.Combine(dataFolder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, StoreJson.Default.StoreFile));
    }

    /// <summary>Removes it; nothing happens when there is none.</summary>
    public static void Remove(string dataFolder)
    {
        if (Directory.Exists(dataFolder)) File.Delete(Path.Combine(dataFolder, FileName));
    }

    private static string NewSchema(string name)
    {
        var readable = new string([.. name.ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c == '_').Take(40)]);
        return $"tavern_{readable}_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoreFile))]
internal sealed partial class StoreJson : JsonSerializerContext;
