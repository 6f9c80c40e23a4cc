namespace Tavern.EventSourced.Stores.Backups;

/// <summary>What a backup file looks like: see BACKUP.md.</summary>
internal static class BackupForm
{
    /// <summary>The version that is written and read.</summary>
    public const uint Version = 1;

    /// <summary>Longest frame: a row with the largest header and payload, and room for what is beside them; more means a damaged length.</summary>
    public const int FrameBytesMax = 2 * 1024 * 1024;

    /// <summary>Longest name of a part, in bytes.</summary>
    public const int NameBytesMax = 100;

    /// <summary>The part that says what the backup is of, in JSON; the first.</summary>
    public const string Manifest = "manifest";

    /// <summary>The part with the folder's tavern.json; the second.</summary>
    public const string TavernFile = "tavern.json";

    /// <summary>How the names of parts with private keys begin; the agent's id follows. They come third, if there are any.</summary>
    public const string KeyPrefix = "key ";

    /// <summary>The first bytes; <c>head -1</c> shows them.</summary>
    public static ReadOnlySpan<byte> Magic => "tavern backup\n"u8;
}
