using System.Globalization;
using System.Runtime.InteropServices;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>Tells whether a file is the very one that it was before. A copy that is put back in its place is another file, or one that was
/// changed since: no program can set those numbers. Known on Linux only; elsewhere nothing is concluded from it.</summary>
/// <param name="Identity">Which file: inode and time of birth.</param>
/// <param name="State">In which state: this start of the machine, and the time of the file's last change of any kind. A disk image that was
/// put back comes with another start.</param>
internal sealed record FileMark(string Identity, string State)
{
    private const string BootId = "/proc/sys/kernel/random/boot_id"; // new at every start of the machine

    // statx(2): AT_FDCWD, the fields asked for, and where they are in the 256 bytes of the answer.
    private const int CurrentFolder = -100;
    private const uint InodeBirthChange = 0x100 | 0x800 | 0x80;
    private const int AnswerBytes = 256;
    private const int MaskAt = 0;
    private const int InodeAt = 32;
    private const int BirthAt = 80;
    private const int ChangeAt = 96;

    /// <summary>The mark of a file now; null when there is no such file or the system does not say.</summary>
    public static FileMark? Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            var answer = new byte[AnswerBytes];
            if (Statx(CurrentFolder, path, 0, InodeBirthChange, answer) != 0) return null;
            if ((BitConverter.ToUInt32(answer, MaskAt) & InodeBirthChange) != InodeBirthChange) return null;
            return new FileMark(
                string.Create(CultureInfo.InvariantCulture, $"{BitConverter.ToUInt64(answer, InodeAt)} {TimeAt(answer, BirthAt)}"),
                $"{File.ReadAllText(BootId).Trim()} {TimeAt(answer, ChangeAt)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static string TimeAt(byte[] answer, int at) =>
        string.Create(CultureInfo.InvariantCulture, $"{BitConverter.ToInt64(answer, at)}.{BitConverter.ToUInt32(answer, at + sizeof(long)):D9}");

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] answer);
}
