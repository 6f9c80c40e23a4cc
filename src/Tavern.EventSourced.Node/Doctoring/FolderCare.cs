using System.Globalization;
using System.Security.Cryptography;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>The data folder: who may enter, can it be written, how much room is left.</summary>
internal static class FolderCare
{
    private const long FreeMin = 128L * 1024 * 1024; // the write-ahead log may take 64 MiB, and folding it into the database as much again
    private const long FreeLow = 1024L * 1024 * 1024;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OthersRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static IEnumerable<DoctorLine> Look(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        yield return Access(folder);
        yield return Writable(folder);
        yield return Room(folder);
    }

    private static DoctorLine Access(string folder)
    {
        if (OperatingSystem.IsWindows()) return DoctorLine.Ok("folder", "the folder's access list rules");
        var mode = File.GetUnixFileMode(folder);
        var octal = Convert.ToString((int)mode, 8);
        if ((mode & OthersWrite) != 0) return DoctorLine.Problem("folder", $"mode {octal}: others may exchange its files", $"chmod 700 {folder}");
        return (mode & OthersRead) != 0
            ? DoctorLine.Warning("folder", $"mode {octal}: others see the names of its files", $"chmod 700 {folder}")
            : DoctorLine.Ok("folder", $"mode {octal}, its owner's alone");
    }

    private static DoctorLine Writable(string folder)
    {
        var probe = Path.Combine(folder, $"doctor.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.new");
        try
        {
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) { }
            return DoctorLine.Ok("writing", "files can be made in it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DoctorLine.Problem("writing", $"no file can be made in it: {e.Message}", "Mount the disk for writing, or correct the owner of the folder. Reading works meanwhile.");
        }
    }

    private static DoctorLine Room(string folder)
    {
        var (free, used) = (new DriveInfo(folder).AvailableFreeSpace, DataFolder.BytesOf(folder));
        var what = $"{MiB(free)} free, {MiB(used)} used by the folder";
        return free < FreeMin ? DoctorLine.Problem("disk", what, "Free space on that disk: a node on a full one refuses to write, and goes on by itself once there is room.")
            : free < FreeLow ? DoctorLine.Warning("disk", what, "Free space on that disk before it is full.")
            : DoctorLine.Ok("disk", what);
    }

    private static string MiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024:0.0} MiB");
}
