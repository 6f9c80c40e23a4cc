using System.Diagnostics;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Disks;

/// <summary>A file system of its own in a file, or in memory where a machine has no loop devices: it can be full, or mounted for reading
/// only. Needs root, as mounting does.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _image;
    private readonly int _mebibytes;
    private bool _mounted;

    private SmallDisk(int mebibytes)
    {
        _mebibytes = mebibytes;
        _image = System.IO.Path.Combine(_folder.Path, "image");
        Path = Directory.CreateDirectory(System.IO.Path.Combine(_folder.Path, "disk")).FullName;
        using (var file = File.Create(_image)) file.SetLength(mebibytes * 1024L * 1024);
        Run("mkfs.ext4", "-q", "-F", "-m", "0", _image);
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>A file that takes all the room there is.</summary>
    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Makes one, mounted; skips the test where that is not allowed.</summary>
    public static SmallDisk Make(int mebibytes = 24)
    {
        RequiredTool.Require("mkfs.ext4");
        RequiredTool.Require("mount");
        var disk = new SmallDisk(mebibytes);
        var mounted = disk.TryMount();
        if (!mounted) disk.Dispose();
        Assert.False(!mounted && Environment.GetEnvironmentVariable("TAVERN_REQUIRE") == "all", "No file system can be mounted here, and TAVERN_REQUIRE is all.");
        Skip.If(!mounted, "skipped: no file system can be mounted here (it needs root)");
        return disk;
    }

    /// <summary>Takes all room but so much.</summary>
    public void Fill(int kibibytesLeft = 0)
    {
        using (var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            var (block, size) = (new byte[64 * 1024], 64 * 1024);
            while (size > 0)
            {
                try
                {
                    file.Write(block, 0, size);
                }
                catch (IOException)
                {
                    size /= 2;
                }
            }

            file.SetLength(Math.Max(0, file.Length - (kibibytesLeft * 1024L)));
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Ballast);

    /// <summary>Mounts it anew, for reading only or for writing.</summary>
    public void Remount(bool readOnly) => Run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", Path);

    public void Dispose()
    {
        if (_mounted) Code("umount", "-l", Path); // also under a node that a failed test left running
        _mounted = false;
        _folder.Dispose();
    }

    private bool TryMount() => _mounted = Code("mount", "-o", "loop", _image, Path) == 0 || Code("mount", "-t", "tmpfs", "-o", $"size={_mebibytes}m", "tmpfs", Path) == 0;

    private static void Run(string program, params string[] words) => Assert.Equal(0, Code(program, words));

    private static int Code(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
