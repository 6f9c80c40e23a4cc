namespace Tavern.EventSourced.ContainerTests.Cli;

public sealed class SecondNodeTests : IDisposable
{
    private const int Conflict = 4; // of the exit codes that scripts know

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task A_second_node_on_one_folder_is_refused_and_names_the_first_which_goes_on()
    {
        var (founded, _, trouble) = await _shell.RunAsync("tavern init inn --data inn");
        Assert.True(founded == 0, trouble);
        using var node = _shell.StartTavern("node", "--data", "inn");
        await Shell.ReadUntilAsync(node, "data");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var (code, output, error) = await _shell.RunAsync("tavern node --data inn");
            Assert.True(code == Conflict, $"{code}\n{output}{error}");
            Assert.Contains($"process {node.Id} ", error, StringComparison.Ordinal);
            Assert.Empty(output);
        }

        var (wrote, _, refusal) = await _shell.RunAsync("tavern send \"still here\" --data inn");
        Assert.True(wrote == 0, refusal);
        node.Kill();
        await Shell.UntilEndedAsync(node);

        // The lock dies with the process, however it ends.
        using var next = _shell.StartTavern("node", "--data", "inn");
        await Shell.ReadUntilAsync(next, "data");
        var (read, log, failure) = await _shell.RunAsync("tavern log --data inn");
        Assert.True(read == 0 && log.Contains("still here", StringComparison.Ordinal), log + failure);
        await _shell.SignalAsync(next, "TERM");
        await Shell.UntilEndedAsync(next);
    }
}
