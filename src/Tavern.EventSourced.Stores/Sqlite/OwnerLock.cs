using System.Globalization;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The exclusive lock on a store's folder. The kernel releases it when the process ends, however it ends.</summary>
internal sealed class OwnerLock : IDisposable
{
    private const int TriesMax = 1000; // a second or so: far longer than anybody looks, who shares the lock while looking

    private readonly FileStream _lock;

    private OwnerLock(FileStream held, string holder)
    {
        _lock = held;
        Holder = holder;
    }

    /// <summary>Who holds it, for people.</summary>
    public string Holder { get; }

    /// <summary>Takes the lock of a folder.</summary>
    /// <exception cref="StoreRefusedException">Another process has it.</exception>
    public static OwnerLock Take(string folder, string owner, DateTimeOffset now)
    {
        // Locked and told apart: while a file is locked, nobody else can read it.
        var (lockPath, tellPath) = (Path.Combine(folder, "owner.lock"), Path.Combine(folder, "owner.txt"));
        FileStream held;
        for (var tries = 1; ; tries++)
        {
            try
            {
                held = new FileStream(lockPath, PrivateFile.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                break;
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                if (tries == TriesMax || IsHeld(folder))
                    throw new StoreRefusedException(
                        $"The store in {folder} is held by {Tell(tellPath)}. Stop that process, or name another folder; reading needs no lock.", e);
                Thread.Sleep(1); // whoever only looked lets go at once
            }
        }

        var holder = string.Create(CultureInfo.InvariantCulture,
            $"{owner}, process {Environment.ProcessId} on {Environment.MachineName}, since {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        try
        {
            using var tell = new StreamWriter(new FileStream(tellPath, PrivateFile.Options(FileMode.Create, FileAccess.Write, FileShare.Read)));
            tell.WriteLine(holder);
        }
        catch
        {
            held.Dispose(); // a full disk: whoever tries again in this process must not find itself in the way
            throw;
        }

        return new OwnerLock(held, holder);
    }

    /// <summary>True when somebody holds a folder's lock; also when that cannot be found out. Looking shares the lock for a moment: lookers do
    /// not see each other, and who takes it then tries again.</summary>
    public static bool IsHeld(string folder)
    {
        try
        {
            using var look = new FileStream(Path.Combine(folder, "owner.lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Releases the lock. The files stay: deleting them could take them from the next holder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>EWOULDBLOCK on Linux and on macOS; ERROR_SHARING_VIOLATION.</summary>
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static string Tell(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } holder ? holder : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
