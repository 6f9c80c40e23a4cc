using System.Diagnostics;
using System.Text;
using Tavern.EventSourced.ContainerTests.Cli;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>An import that is killed while it writes.</summary>
public sealed class InterruptedImportTests : IDisposable
{
    private const int Lines = 8_000; // some 6 MB in the store: far more than it holds back before it begins to write

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly Shell _shell = new();

    [Fact]
    public async Task An_import_that_is_killed_leaves_the_whole_history_or_nothing_and_can_be_repeated()
    {
        await ExpectAsync("tavern init inn --data inn");
        await File.WriteAllTextAsync(Path.Combine(_shell.Folder, "big.log"), Log());
        var (killed, found) = (0, 0L);
        foreach (var grown in new[] { 100_000, 1_000_000, 1_400_000, 3_000_000 })
        {
            if (await KillWhenGrownAsync(grown)) killed++;
            found = await CountAsync();
            Assert.True(found is 0 or Lines, $"{found} of {Lines} lines are there after an import was killed when {grown} bytes were written");
            await ExpectAsync("tavern replay --data inn");
            if (found > 0) break;
        }

        Assert.True(killed > 0, "every import ended before it was killed");
        await ExpectAsync("tavern import --format shiviz big.log --data inn");
        Assert.Equal(Lines, await CountAsync());
        Assert.Contains("is there already", await ExpectAsync("tavern import --format shiviz big.log --data inn"), StringComparison.Ordinal);
        Assert.Equal(Lines, await CountAsync());
    }

    public void Dispose() => _shell.Dispose();

    /// <summary>Kills an import when the database has grown by so many bytes since it began; false when it ended before that.</summary>
    private async Task<bool> KillWhenGrownAsync(int bytes)
    {
        var before = Written();
        using var import = _shell.StartTavern("import", "--format", "shiviz", "big.log", "--data", "inn");
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!import.HasExited && Written() < before + bytes)
        {
            Assert.True(waited.Elapsed < Deadline, $"The import wrote {Written() - before} bytes in {Deadline}.");
            await timer.WaitForNextTickAsync();
        }

        import.Kill();
        await import.WaitForExitAsync().WaitAsync(Deadline);
        return import.ExitCode != 0;
    }

    private long Written() => new DirectoryInfo(Path.Combine(_shell.Folder, "inn")).EnumerateFiles("events.db*").Sum(file => file.Exists ? file.Length : 0);

    private async Task<long> CountAsync() => long.Parse(await ExpectAsync("tavern export --data inn | grep -c '\"type\":\"LineLogged\"' || true"));

    private async Task<string> ExpectAsync(string line)
    {
        var (code, output, error) = await _shell.RunAsync(line);
        Assert.True(code == 0, $"{line}\nreturned {code}\n{output}{error}");
        return output;
    }

    /// <summary>Two hosts that hear from each other at every turn.</summary>
    private static string Log()
    {
        var log = new StringBuilder();
        for (var i = 1; i <= Lines / 2; i++)
        {
            log.Append($"ping {{\"ping\":{i}{(i == 1 ? "" : $",\"pong\":{i - 1}")}}} serve {i}\n");
            log.Append($"pong {{\"pong\":{i},\"ping\":{i}}} return {i}\n");
        }

        return log.ToString();
    }
}
