using Tavern.EventSourced.ContainerTests.Cli;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>The entrypoint as a script: without containers, and with a <c>tavern</c> that notes what it is told. Needs bash.</summary>
public sealed class EntrypointTests : IDisposable
{
    // Founds at the third try; before that it ends as for a server that does not answer.
    private const string Tavern = """
        #!/bin/bash
        echo "$*" >> "$NOTES"
        [ "$1" != init ] || [ "$(grep -c ^init "$NOTES")" -ge 3 ] || exit "$REFUSAL"
        """;

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [SkippableFact]
    public async Task A_founder_waits_for_its_server_and_names_one_schema_each_time()
    {
        var (code, notes) = await RunAsync(4, "Host=db;Database=tavern");
        Assert.Equal((0, 4), (code, notes.Length));
        Assert.Matches("^init inn --as Jake-1 --store Host=db;Database=tavern;Search Path=tavern_jake1_[0-9a-f]{8}$", notes[0]);
        Assert.Single(notes.Take(3).Distinct());
        Assert.StartsWith("node ", notes[3], StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_schema_that_is_named_stays_and_another_failure_ends_the_container()
    {
        var (code, notes) = await RunAsync(8, "Host=db;Search Path=inn");
        Assert.Equal(8, code);
        Assert.Equal(["init inn --as Jake-1 --store Host=db;Search Path=inn"], notes);
    }

    private async Task<(int Code, string[] Notes)> RunAsync(int refusal, string store)
    {
        Support.RequiredTool.Require("bash");
        foreach (var folder in (string[])["bin", "data", "keys"]) Directory.CreateDirectory(Path.Combine(_shell.Folder, folder));
        await File.WriteAllTextAsync(Path.Combine(_shell.Folder, "bin", "tavern"), Tavern);
        await File.WriteAllTextAsync(Path.Combine(_shell.Folder, "bin", "sleep"), "#!/bin/bash\n"); // a server's start takes no time here
        var (code, _, _) = await _shell.RunAsync(
            $"chmod +x bin/*; export PATH=$PWD/bin:$PATH NOTES=$PWD/notes REFUSAL={refusal} TAVERN_DATA=$PWD/data TAVERN_KEYS=$PWD/keys TAVERN_FOUND=inn TAVERN_AGENT=Jake-1 "
            + $"TAVERN_STORE='{store}' TAVERN_LISTEN=https://0.0.0.0:1 TAVERN_API=http://127.0.0.1:1; exec bash '{Path.Combine(RepositoryRoot.Path, "docker", "entrypoint")}'");
        return (code, await File.ReadAllLinesAsync(Path.Combine(_shell.Folder, "notes")));
    }
}
