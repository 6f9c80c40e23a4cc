using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;

namespace Tavern.EventSourced.Tests.Keys;

/// <summary>Files of a newer version say so, whatever else is in them, and are left as they are.</summary>
public sealed class NewerFilesTests : IDisposable
{
    private static readonly AgentId Jake = new(7);

    private readonly string _folder = Directory.CreateTempSubdirectory("tavern-newer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("""{"schema":2}""", "has schema 2; this version reads 1. Use a newer version of Tavern.")]
    [InlineData("""{"agents":{"schema":1},"schema":30,"other":[1]}""", "has schema 30; this version reads 1. Use a newer version of Tavern.")]
    [InlineData("""{"schema":0}""", "has schema 0; this version reads 1. No version ever wrote that: restore the file from a backup.")]
    public void Each_file_is_refused_with_its_number(string json, string said)
    {
        var (tavern, lease) = (Path.Combine(_folder, "tavern.json"), Path.Combine(_folder, Jake + ".lease"));
        foreach (var file in (string[])[tavern, lease])
        {
            File.WriteAllText(file, json);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Assert.Equal($"{tavern} {said}", Assert.Throws<NodeFileException>(() => TavernFile.Read(_folder)).Message);
        Assert.Equal($"{lease} {said}", Assert.Throws<KeyFolderException>(() => new LeaseFolder(_folder).Read(Jake)).Message);
        Assert.Equal($"The invitation {said}", Assert.Throws<NodeFileException>(() => Invitation.FromJson(Encoding.UTF8.GetBytes(json))).Message);
        Assert.All((string[])[tavern, lease], file => Assert.Equal(json, File.ReadAllText(file)));
    }
}
