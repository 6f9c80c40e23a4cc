using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Keys;

namespace Tavern.EventSourced.Tests.Keys;

public sealed class KeyFolderTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("tavern-keys-").FullName;

    private string Folder => Path.Combine(_home, "deep", "keys");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void A_key_that_was_made_is_loaded_again_and_signs_the_same()
    {
        using var made = KeyFolder.Open(Folder).Create();
        using var loaded = KeyFolder.Open(Folder).Load(made.Agent);
        Assert.Equal(made.PublicKey.ToArray(), loaded.PublicKey.ToArray());
        using var verifier = new EcdsaVerifier();
        Assert.True(verifier.Verify(made.PublicKey.Span, [1, 2], loaded.Sign([1, 2])));
    }

    [SkippableFact]
    public void Folder_and_files_are_for_their_owner_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no modes.");
        using var key = KeyFolder.Open(Folder).Create();
        Assert.Equal("700", Mode(Folder));
        Assert.Equal("600", Mode(FileOf(key.Agent)));
        Assert.Equal([FileOf(key.Agent)], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void Keys_are_listed_sorted_and_other_files_are_not()
    {
        var folder = KeyFolder.Open(Folder);
        Assert.Empty(folder.List());
        var agents = Enumerable.Range(0, 4).Select(_ => Disposed(folder.Create())).Order().ToArray();
        Disposed(folder.CreateRecovery(agents[0]).Key);
        File.WriteAllText(Path.Combine(Folder, "notes.pem"), "");
        File.WriteAllText(FileOf(new AgentId(1)) + ".0011.new", "");
        Assert.Equal(agents, folder.List());
        Assert.True(folder.Holds(agents[0]));
        Assert.False(folder.Holds(new AgentId(1)));
    }

    [Fact]
    public void A_key_is_never_overwritten()
    {
        var folder = KeyFolder.Open(Folder);
        using var key = folder.Create();
        var before = File.ReadAllText(FileOf(key.Agent));
        Assert.Contains("is not overwritten", Assert.Throws<KeyFolderException>(() => folder.Add(key)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(FileOf(key.Agent)));
        Assert.Single(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void Of_many_who_store_a_key_at_once_one_succeeds()
    {
        for (var agent = 1; agent <= 20; agent++)
        {
            using var key = EcdsaSigner.Create();
            var stored = 0;
            Parallel.For(0, 8, _ =>
            {
                try
                {
                    KeyFolder.Open(Folder).Add(key);
                    Interlocked.Increment(ref stored);
                }
                catch (KeyFolderException)
                {
                    // Somebody else was first.
                }
            });
            Assert.Equal(1, stored);
        }

        Assert.Equal(20, Directory.GetFileSystemEntries(Folder).Length);
    }

    [SkippableTheory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_can_open_is_refused_with_the_command_that_mends_it(UnixFileMode extra)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no modes.");
        var folder = KeyFolder.Open(Folder);
        using var key = folder.Create();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(FileOf(key.Agent), UnixFileMode.UserRead | extra);
        var error = Assert.Throws<KeyFolderException>(() => folder.Load(key.Agent));
        Assert.EndsWith($"Run: chmod 600 {FileOf(key.Agent)}", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_folder_that_others_may_write_to_is_refused_with_the_command_that_mends_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no modes.");
        KeyFolder.Open(Folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        Assert.EndsWith($"Run: chmod 700 {Folder}", Assert.Throws<KeyFolderException>(() => KeyFolder.Open(Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_named_with_its_file()
    {
        var error = Assert.Throws<KeyFolderException>(() => KeyFolder.Open(Folder).Load(new AgentId(5)));
        Assert.Equal(
            $"The key of agent {new AgentId(5)} is missing: {FileOf(new AgentId(5))} does not exist. Restore it, or name the folder that holds it with --keys.",
            error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n")]
    public void A_file_that_is_no_key_is_named(string content)
    {
        var folder = KeyFolder.Open(Folder);
        using var key = folder.Create();
        File.WriteAllText(FileOf(key.Agent), content);
        Assert.Contains("holds no private key in PEM form", Assert.Throws<KeyFolderException>(() => folder.Load(key.Agent)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recovery_key_has_a_file_of_its_own_and_advice_what_to_do_with_it()
    {
        var folder = KeyFolder.Open(Folder);
        using var root = folder.Create();
        var recovery = folder.CreateRecovery(root.Agent);
        Assert.Equal(Path.Combine(Folder, $"recovery-{root.Agent}.pem"), recovery.File);
        Assert.StartsWith($"Move {recovery.File} to a place that is offline", recovery.Advice, StringComparison.Ordinal);
        using var loaded = EcdsaSigner.FromPem(File.ReadAllText(recovery.File));
        Assert.Equal(recovery.Key.PublicKey.ToArray(), loaded.PublicKey.ToArray());
        Assert.Throws<KeyFolderException>(() => folder.CreateRecovery(root.Agent));
        recovery.Key.Dispose();
    }

    private static string Mode(string path) => OperatingSystem.IsWindows() ? "" : Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static AgentId Disposed(EcdsaSigner key)
    {
        key.Dispose();
        return key.Agent;
    }

    private string FileOf(AgentId agent) => Path.Combine(Folder, agent + ".pem");
}
