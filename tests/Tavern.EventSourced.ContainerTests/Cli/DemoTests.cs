namespace Tavern.EventSourced.ContainerTests.Cli;

public sealed class DemoTests : IDisposable
{
    private const string Open = "Ctrl-C closes the tavern";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task The_story_holds_from_end_to_end_and_twice()
    {
        foreach (var folder in new[] { "one", "two" })
        {
            var (code, output, error) = await _shell.RunAsync($"tavern demo --exit --data {folder}");
            Assert.True(code == 0, output + error);
            Assert.DoesNotContain("✗", output, StringComparison.Ordinal);
            Assert.Contains("steps held", output, StringComparison.Ordinal);
            Assert.Contains("NOT HEARD", output, StringComparison.Ordinal);
            Assert.Contains("UNREACHABLE", output, StringComparison.Ordinal);
            Assert.DoesNotContain('\e', output);
            Assert.Empty(Processes.OfNodesIn(_shell.Folder));
        }
    }

    [Fact]
    public async Task A_killed_demo_leaves_no_orphans()
    {
        using var demo = _shell.StartTavern("demo", "--data", "inn");
        await Shell.ReadUntilAsync(demo, Open);
        var nodes = Processes.OfNodesIn(_shell.Folder);
        Assert.Equal(5, nodes.Count);
        demo.Kill();
        await Shell.UntilEndedAsync(demo);
        await Processes.UntilGoneAsync(nodes);
    }

    [Fact]
    public async Task Every_line_it_prints_works_in_a_second_terminal_and_Ctrl_C_ends_all()
    {
        using var demo = _shell.StartTavern("demo", "--data", "inn");
        var told = await Shell.ReadUntilAsync(demo, Open);
        var lines = told.Split('\n').SkipWhile(line => !line.Contains("stays open", StringComparison.Ordinal))
            .Select(line => line.Trim()).Where(line => line.StartsWith('/')).ToList();
        Assert.InRange(lines.Count, 5, 20);
        foreach (var line in lines)
        {
            if (line.Contains(" tail ", StringComparison.Ordinal))
            {
                using var tail = _shell.Start("exec " + line);
                Assert.NotEmpty(await Shell.ReadUntilAsync(tail, ""));
                Assert.False(tail.HasExited); // it goes on until it is ended
                tail.Kill();
                await Shell.UntilEndedAsync(tail);
                continue;
            }

            var (code, output, error) = await _shell.RunAsync("cd / && " + line);
            Assert.True(code == 0, $"{line}\n{code}\n{output}{error}");
            Assert.NotEmpty(output);
            if (line.Contains(" why ", StringComparison.Ordinal)) Assert.Contains("NOT HEARD", output, StringComparison.Ordinal);
        }

        var nodes = Processes.OfNodesIn(_shell.Folder);
        await _shell.SignalAsync(demo, "INT");
        await Shell.UntilEndedAsync(demo);
        Assert.Equal(130, demo.ExitCode);
        await Processes.UntilGoneAsync(nodes);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 0)]
    public async Task A_node_that_is_told_to_stop_stops_cleanly(string signal, int code)
    {
        var (founded, _, error) = await _shell.RunAsync("tavern init inn --data inn");
        Assert.True(founded == 0, error);
        using var node = _shell.StartTavern("node", "--data", "inn");
        await Shell.ReadUntilAsync(node, "data");
        Assert.Single(Processes.OfNodesIn(_shell.Folder));
        await _shell.SignalAsync(node, signal);
        await Shell.UntilEndedAsync(node);
        Assert.Equal(code, node.ExitCode);
        Assert.Empty(Processes.OfNodesIn(_shell.Folder));
    }
}
