using System.Globalization;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>Tells whether a file is the very one that was there at the last orderly stop, on the machine as it has run since: then nothing
/// was put back in its place from a copy. A copy has another time of birth, which no program can set; a disk image that was put back
/// comes with another start of the machine.</summary>
internal static class StopMark
{
    private const string BootId = "/proc/sys/kernel/random/boot_id"; // new at every start of the machine

    /// <summary>The mark of a file now; null where the system does not say, so that nothing can be concluded.</summary>
    public static string? Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            var (born, written) = (File.GetCreationTimeUtc(path), File.GetLastWriteTimeUtc(path));
            if (born >= written) return null; // a file system that keeps no time of birth: .NET gives the last change instead
            return string.Create(CultureInfo.InvariantCulture, $"{File.ReadAllText(BootId).Trim()} {born.Ticks}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
