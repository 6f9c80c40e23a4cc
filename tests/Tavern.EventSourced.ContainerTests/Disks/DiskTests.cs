using System.Diagnostics;
using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Cli;

namespace Tavern.EventSourced.ContainerTests.Disks;

/// <summary>Disks that are full, and disks that may not be written, under real nodes.</summary>
public sealed class DiskTests : IDisposable
{
    private const int Sound = 0;

    private readonly Shell _shell = new();

    private readonly List<Process> _nodes = [];

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            if (!node.HasExited) node.Kill();
            node.WaitForExit();
            node.Dispose();
        }

        _shell.Dispose();
    }

    [SkippableFact]
    public async Task On_a_full_disk_a_node_refuses_writes_answers_reads_and_goes_on_by_itself_once_there_is_room()
    {
        using var disk = SmallDisk.Make();
        var data = await FoundAsync(disk);
        var node = await StartAsync(data);
        var acknowledged = new List<string>();
        for (var i = 0; i < 3; i++) acknowledged.Add((await OkAsync($"tavern send before{i} --data {data}")).Trim());

        disk.Fill(kibibytesLeft: 200); // so that a commit begins and cannot end
        string trouble = "";
        for (var i = 0; i < 40 && trouble.Length == 0; i++)
        {
            var (code, output, error) = await _shell.RunAsync($"head -c 60000 /dev/zero | tr '\\0' x | xargs -0 -I@ tavern send @ --data {data}");
            if (code == 0) acknowledged.Add(output.Trim());
            else trouble = error;
        }

        Assert.Contains("disk is full", trouble, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(data, "events.db"), trouble, StringComparison.Ordinal);
        Assert.False(node.HasExited);
        Assert.Contains("before2", await OkAsync($"tavern log --data {data} -n 100"), StringComparison.Ordinal);
        await OkAsync($"tavern status --data {data}");

        disk.Free();
        var (wrote, said, refusal) = (1, "", "");
        for (var i = 0; i < 60 && wrote != 0; i++) (wrote, said, refusal) = await _shell.RunAsync($"tavern send after --data {data}"); // it tries again every two seconds at most
        Assert.True(wrote == 0, refusal);
        acknowledged.Add(said.Trim());
        Assert.False(node.HasExited);

        var held = await EventsAsync(data);
        Assert.All(acknowledged, name => Assert.Contains(name, held));
        Assert.Equal(held.Count, held.Distinct().Count());
        await StopAsync(node);
        Assert.Contains("Sound", await OkAsync($"tavern fsck --data {data}"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_node_does_not_start_on_a_full_disk_says_so_and_starts_once_there_is_room()
    {
        using var disk = SmallDisk.Make();
        var data = await FoundAsync(disk);
        disk.Fill();
        var (code, _, error) = await _shell.RunAsync($"tavern node --data {data}");
        Assert.True(code is not 0 and not 70, error);
        Assert.Matches("disk is full|No space left", error);
        disk.Free();
        var node = await StartAsync(data);
        await OkAsync($"tavern send again --data {data}");
        await StopAsync(node);
        Assert.Contains("Sound", await OkAsync($"tavern fsck --data {data}"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_folder_that_may_not_be_written_can_be_read_and_checked_and_no_node_starts_on_it()
    {
        using var disk = SmallDisk.Make();
        var data = await FoundAsync(disk);
        disk.Remount(readOnly: true);
        var (code, _, error) = await _shell.RunAsync($"tavern node --data {data}");
        Assert.True(code is not 0 and not 70, error);
        Assert.Contains("ead-only", error, StringComparison.Ordinal);
        Assert.Contains(data, error, StringComparison.Ordinal);
        Assert.Contains("TavernFounded", await OkAsync($"tavern log --data {data}"), StringComparison.Ordinal);
        Assert.Contains("Sound", await OkAsync($"tavern fsck --data {data}"), StringComparison.Ordinal);
        var (unwell, page, _) = await _shell.RunAsync($"tavern doctor --data {data}");
        Assert.Equal(1, unwell);
        Assert.Contains("no file can be made in it", page, StringComparison.Ordinal);
        var (refused, _, why) = await _shell.RunAsync($"tavern fsck --repair-from 00000000000000000000000000000001@http://127.0.0.1:1 --data {data}");
        Assert.True(refused is not 0 and not 70, why);

        disk.Remount(readOnly: false);
        var node = await StartAsync(data);
        await OkAsync($"tavern send again --data {data}");
        await StopAsync(node);
    }

    [Fact]
    public async Task A_node_that_was_killed_is_repaired_from_its_peer_and_goes_on()
    {
        await OkAsync("tavern init inn --data jake");
        var jake = await StartAsync("jake");
        await OkAsync("tavern spawn gandalf --invite gandalf.invitation --data jake");
        await OkAsync("tavern join gandalf.invitation --data gandalf");
        var gandalf = await StartAsync("gandalf");
        await OkAsync("tavern wait --converged --data jake");
        for (var i = 0; i < 5; i++) await OkAsync($"tavern send word{i} --data gandalf");
        await OkAsync("tavern wait --converged --data jake");
        gandalf.Kill();
        await Shell.UntilEndedAsync(gandalf);
        var before = await EventsAsync("gandalf");

        // Fold the log into the database, then scribble over the last pages that hold events.
        await OkAsync("tavern fsck --data gandalf");
        var file = Path.Combine(_shell.Folder, "gandalf", "events.db");
        using (var fold = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=false"))
        {
            fold.Open();
            using var change = fold.CreateCommand();
            change.CommandText = "update events set payload = x'00', signature = x'00' where position > 2";
            change.ExecuteNonQuery();
        }

        var (damaged, findings, _) = await _shell.RunAsync("tavern fsck --data gandalf --json");
        Assert.Equal(6, damaged);
        Assert.False(JsonElement.Parse(findings).GetProperty("sound").GetBoolean());
        var repaired = JsonElement.Parse(await OkAsync("tavern fsck --data gandalf --repair-from jake --json"));
        Assert.True(repaired.GetProperty("changed").GetBoolean());
        Assert.True(File.Exists(repaired.GetProperty("kept").GetString()));
        Assert.Equal(before, await EventsAsync("gandalf"));
        var again = await StartAsync("gandalf");
        await OkAsync("tavern send back --data gandalf");
        await OkAsync("tavern wait --converged --data jake");
        await OkAsync("tavern doctor --data gandalf");
        await StopAsync(again);
        await StopAsync(jake);
    }

    private async Task<string> FoundAsync(SmallDisk disk)
    {
        var data = Path.Combine(disk.Path, "inn");
        await OkAsync($"tavern init inn --data {data}");
        return data;
    }

    private async Task<List<string>> EventsAsync(string data) =>
        [.. (await OkAsync($"tavern export --data {data}")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("name").GetString()!)];

    private async Task<string> OkAsync(string line)
    {
        var (code, output, error) = await _shell.RunAsync(line);
        Assert.True(code == Sound, $"{line}: {code}\n{output}{error}");
        return output;
    }

    private async Task<Process> StartAsync(string data)
    {
        var node = _shell.StartTavern("node", "--data", data);
        _nodes.Add(node);
        await Shell.ReadUntilAsync(node, "data");
        return node;
    }

    private async Task StopAsync(Process node)
    {
        await _shell.SignalAsync(node, "TERM");
        await Shell.UntilEndedAsync(node);
    }
}
