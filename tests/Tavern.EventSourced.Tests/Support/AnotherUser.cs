using System.Runtime.InteropServices;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Runs code as a user without rights: on a thread of its own, whose file system identity is changed when the process is root's. Others
/// need no change, because a folder's mode binds them. Linux. Source: setfsuid(2), capabilities(7).</summary>
internal static class AnotherUser
{
    private const int Nobody = 65534;

    /// <summary>Runs it to its end on that thread, as far as it does not wait.</summary>
    public static T Run<T>(Func<T> act)
    {
        var (result, failure) = (default(T), (Exception?)null);
        var thread = new Thread(() =>
        {
            var before = SetFileSystemUser(Environment.IsPrivilegedProcess ? Nobody : -1);
            try
            {
                result = act();
            }
            catch (Exception e) // handed to the test below
            {
                failure = e;
            }
            finally
            {
                _ = SetFileSystemUser(before);
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw failure;
    }

    /// <summary>Sets it for this thread and returns the one before; -1 sets none.</summary>
    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileSystemUser(int user);
}
