using System.Diagnostics;
using System.Text;
using Tavern.EventSourced.ContainerTests.Cli;
using Tavern.EventSourced.ContainerTests.Disks;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Backups and restores that are killed, or that find the disk full.</summary>
public sealed class InterruptedBackupTests : IDisposable
{
    private const int Lines = 6000;
    private const int NotFound = 3; // of the exit codes that scripts know

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task A_backup_or_a_restore_that_is_killed_leaves_nothing_that_passes_for_whole_and_can_be_repeated()
    {
        await FillAsync();
        var killed = 0;
        foreach (var written in (int[])[0, 100_000, 700_000, 1_500_000])
        {
            if (await KillWhenAsync(() => SizeOf("out.partial") > written, "backup", "out", "--data", "inn")) killed++;
            if (!File.Exists(PathOf("out"))) continue;
            await ExpectAsync(0, "tavern backup --check out"); // it had come to its end
            File.Delete(PathOf("out"));
        }

        Assert.True(killed > 0, "every backup ended before it was killed");
        await ExpectAsync(0, "tavern backup out --data inn");
        await ExpectAsync(0, "tavern backup --check out");

        killed = 0;
        foreach (var written in (int[])[0, 10_000, 500_000, 2_000_000])
        {
            if (await KillWhenAsync(() => SizeOf("back/.restoring/events.db") + SizeOf("back/.restoring/events.db-journal") > written, "restore", "out", "--data", "back")) killed++;
            if (File.Exists(PathOf("back/tavern.json"))) break; // it had come to its end
            await ExpectAsync(NotFound, "tavern status --data back");
            await ExpectAsync(NotFound, "tavern node --data back");
        }

        Assert.True(killed > 0, "every restore ended before it was killed");
        if (!File.Exists(PathOf("back/tavern.json"))) await ExpectAsync(0, "tavern restore out --data back");
        await ExpectAsync(0, "tavern fsck --data back");
        Assert.Equal(await ExpectAsync(0, "tavern export --data inn | sha256sum"), await ExpectAsync(0, "tavern export --data back | sha256sum"));
    }

    [SkippableFact]
    public async Task On_a_full_disk_a_backup_and_a_restore_are_refused_and_leave_nothing()
    {
        using var disk = SmallDisk.Make();
        await FillAsync();
        await ExpectAsync(0, "tavern backup whole --data inn");
        disk.Fill(kibibytesLeft: 300);
        Assert.Contains("space", (await _shell.RunAsync($"tavern backup {disk.Path}/out --data inn")).Error, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.EnumerateFiles(disk.Path, "out*"));
        Assert.Contains("full", (await _shell.RunAsync($"tavern restore whole --data {disk.Path}/back")).Error, StringComparison.OrdinalIgnoreCase);
        await ExpectAsync(NotFound, $"tavern status --data {disk.Path}/back");
        disk.Free();
        await ExpectAsync(0, $"tavern backup {disk.Path}/out --data inn");
        await ExpectAsync(0, $"tavern restore {disk.Path}/out --data {disk.Path}/back");
        await ExpectAsync(0, $"tavern fsck --data {disk.Path}/back");
    }

    /// <summary>A tavern with some thousand events.</summary>
    private async Task FillAsync()
    {
        await ExpectAsync(0, "tavern init inn --data inn");
        var log = new StringBuilder();
        for (var i = 1; i <= Lines; i++) log.Append($"host {{\"host\":{i}}} serve {i} {new string('x', 200)}\n");
        await File.WriteAllTextAsync(PathOf("big.log"), log.ToString());
        using var node = _shell.StartTavern("node", "--data", "inn");
        await Shell.ReadUntilAsync(node, "data");
        await ExpectAsync(0, "tavern import --format shiviz big.log --data inn");
        await _shell.SignalAsync(node, "TERM");
        await node.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <summary>Kills a command when something is so; false when it ended before that.</summary>
    private async Task<bool> KillWhenAsync(Func<bool> isSo, params string[] words)
    {
        using var command = _shell.StartTavern(words);
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!command.HasExited && !isSo())
        {
            Assert.True(waited.Elapsed < Deadline, $"{string.Join(' ', words)} did not end in {Deadline}.");
            await timer.WaitForNextTickAsync();
        }

        command.Kill();
        await command.WaitForExitAsync().WaitAsync(Deadline);
        return command.ExitCode != 0;
    }

    private string PathOf(string name) => Path.Combine(_shell.Folder, name);

    private long SizeOf(string name) => new FileInfo(PathOf(name)) is { Exists: true } file ? file.Length : 0;

    private async Task<string> ExpectAsync(int expected, string line)
    {
        var (code, output, error) = await _shell.RunAsync(line);
        Assert.True(code == expected, $"{line}\nreturned {code}, expected {expected}\n{output}{error}");
        return output;
    }
}
