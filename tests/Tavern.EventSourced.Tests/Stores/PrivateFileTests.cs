using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Stores;

public sealed class PrivateFileTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("tavern-private-").FullName;

    private string Target => Path.Combine(_home, "file");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void A_file_that_is_there_is_replaced_whole_and_nothing_else_is_left()
    {
        PrivateFile.Replace(Target, "a longer first content"u8);
        PrivateFile.Replace(Target, "second"u8);
        Assert.Equal("second", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_home));
    }

    [Fact]
    public void A_file_that_is_there_is_not_created_again_and_stays_as_it_is()
    {
        Assert.True(PrivateFile.TryCreate(Target, "first"u8));
        Assert.False(PrivateFile.TryCreate(Target, "second"u8));
        Assert.False(PrivateFile.TryCreateEmpty(Target));
        Assert.Equal("first", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_home));
    }

    [SkippableFact]
    public void Everything_made_is_for_its_owner_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no modes.");
        var deep = Path.Combine(_home, "a", "b");
        PrivateFile.CreateFolder(deep);
        PrivateFile.CreateFolder(deep);
        Assert.True(PrivateFile.TryCreateEmpty(Path.Combine(deep, "empty")));
        Assert.True(PrivateFile.TryCreate(Path.Combine(deep, "created"), "x"u8));
        PrivateFile.Replace(Path.Combine(deep, "replaced"), "x"u8);
        Assert.Equal("700", Mode(deep));
        Assert.All(Directory.GetFiles(deep), file => Assert.Equal("600", Mode(file)));
        Assert.Equal(3, Directory.GetFiles(deep).Length);
    }

    [Fact]
    public void What_cannot_take_its_place_is_taken_away_again()
    {
        Directory.CreateDirectory(Target);
        Assert.ThrowsAny<Exception>(() => PrivateFile.Replace(Target, "x"u8));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_home));
    }

    [Fact]
    public void Of_many_who_create_a_file_at_once_one_succeeds()
    {
        for (var round = 0; round < 20; round++)
        {
            var (path, created) = ($"{Target}{round}", 0);
            Parallel.For(0, 8, writer =>
            {
                if (PrivateFile.TryCreate(path, [(byte)writer])) Interlocked.Increment(ref created);
            });
            Assert.Equal(1, created);
        }

        Assert.Equal(20, Directory.GetFileSystemEntries(_home).Length);
    }

    private static string Mode(string path) => OperatingSystem.IsWindows() ? "" : Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
