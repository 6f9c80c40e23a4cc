using System.Security.Cryptography;
using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>What a backup holds besides the rows of the store. Known once it was read to its end.</summary>
/// <param name="Manifest">What it is of.</param>
/// <param name="Tavern">Its tavern.json.</param>
/// <param name="Keys">Private keys in PEM form, by agent; empty unless they were asked for.</param>
/// <param name="Checksum">SHA-256 of all of it.</param>
internal sealed record BackupContents(BackupManifest Manifest, TavernFile Tavern, IReadOnlyDictionary<AgentId, string> Keys, Hash Checksum);

/// <summary>Reads the parts of a backup in their order: manifest, tavern.json, keys, then the tables of the store.</summary>
internal sealed class BackupFile
{
    private readonly Dictionary<AgentId, string> _keys = [];
    private BackupManifest? _manifest;
    private TavernFile? _tavern;
    private int _tables; // complete ones

    private BackupFile()
    {
    }

    /// <summary>Reads all of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">Hears manifest and tavern.json before the first row; what it learns is only known to be whole when the call returns.</param>
    /// <param name="take">Takes each row.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">It is no backup, from a newer version, cut off or changed.</exception>
    /// <exception cref="NodeFileException">There is no such file.</exception>
    public static async Task<BackupContents> ReadAsync(
        string path, Action<BackupManifest, TavernFile> start, Func<StoredRow, ValueTask> take, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new NodeFileException($"{path} is {(Directory.Exists(path) ? "a folder" : "not there")}. Name the file of a backup, as 'tavern backup FILE' made it.");
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1024 * 1024);
        return await ReadAsync(stream, path, start, take, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<BackupContents> ReadAsync(
        Stream stream, string path, Action<BackupManifest, TavernFile> start, Func<StoredRow, ValueTask> take, CancellationToken cancellationToken)
    {
        using var reader = new BackupReader(stream, path);
        var file = new BackupFile();
        foreach (var (part, content) in reader.Frames())
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (file.Take(part, content.Span, start) && !content.IsEmpty) await take(RowCodec.Decode(content, part)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is FormatException or NodeFileException)
            {
                throw reader.Damaged($"{part}: {e.Message.TrimEnd('.')}");
            }
        }

        return file._tables == RowCodec.Tables.Count ? new BackupContents(file._manifest!, file._tavern!, file._keys, reader.Checksum) : throw reader.Damaged($"it ends before {RowCodec.Tables[file._tables]}");
    }

    /// <summary>Takes a frame; true when it belongs to the table whose turn it is.</summary>
    private bool Take(string part, ReadOnlySpan<byte> content, Action<BackupManifest, TavernFile> start)
    {
        if (part == BackupForm.Manifest && _tavern is null) _manifest = TakeWhole(_manifest, content, BackupManifest.FromJson);
        else if (part == BackupForm.TavernFile && _manifest is not null && _keys.Count == 0)
        {
            var isNew = _tavern is null;
            _tavern = TakeWhole(_tavern, content, static json => TavernFile.Parse(json, BackupForm.TavernFile));
            if (isNew) start(_manifest, _tavern);
        }
        else if (part.StartsWith(BackupForm.KeyPrefix, StringComparison.Ordinal) && _tavern is not null && _tables == 0)
        {
            var agent = AgentId.Parse(part[BackupForm.KeyPrefix.Length..]);
            _keys[agent] = TakeWhole(_keys.GetValueOrDefault(agent), content, PemOf);
        }
        else if (_tavern is not null && _tables < RowCodec.Tables.Count && part == RowCodec.Tables[_tables])
        {
            if (content.IsEmpty) _tables++;
            return true;
        }
        else throw new FormatException("it is not the part that comes here");

        return false;
    }

    private delegate T Reading<out T>(ReadOnlySpan<byte> content);

    /// <summary>A part that is one frame: its content first, then its end.</summary>
    private static T TakeWhole<T>(T? held, ReadOnlySpan<byte> content, Reading<T> read) where T : class => (held, content.IsEmpty) switch
    {
        (null, false) => read(content),
        (not null, true) => held,
        (null, true) => throw new FormatException("it is empty"),
        _ => throw new FormatException("it has several pieces"),
    };

    private static string PemOf(ReadOnlySpan<byte> content)
    {
        var pem = Encoding.ASCII.GetString(content);
        try
        {
            EcdsaSigner.FromPem(pem).Dispose();
            return pem;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new FormatException("it is no private key", e);
        }
    }
}
