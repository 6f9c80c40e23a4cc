using Tavern.EventSourced.ContainerTests.Containers.Docker;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>What the image of a node promises whoever runs it.</summary>
[Collection(ContainersCollection.Name)]
public sealed class ImageTests(ContainersFixture containers)
{
    [SkippableFact]
    public async Task It_runs_as_nobody_in_particular_on_a_root_file_system_that_nobody_can_write()
    {
        var node = new ContainerBuilder(await containers.EngineAsync()).WithImage(ContainersFixture.NodeImage).WithReadOnlyRootFileSystem().WithTmpfsMount("/tmp");
        Assert.Equal("7411:7411", await node.WithEntrypoint("sh").WithCommand("-c", "echo $(id -u):$(id -g)").RunToEndAsync());
        Assert.Equal("700 700", await node.WithEntrypoint("sh").WithCommand("-c", "echo $(stat -c %a /data /keys)").RunToEndAsync());
        Assert.Matches(@"^\d+\.\d+", await node.WithCommand("--version").RunToEndAsync());
    }

    [SkippableFact]
    public async Task It_says_what_it_needs_and_founds_no_second_tavern_under_the_keys_of_a_lost_one()
    {
        var engine = await containers.EngineAsync();
        await using var keys = await Volume.CreateAsync(engine);
        var node = new ContainerBuilder(engine).WithImage(ContainersFixture.NodeImage).WithVolumeMount(keys, "/keys");
        Assert.Contains("TAVERN_FOUND", await FailsAsync(node), StringComparison.Ordinal);
        await node.WithCommand("init", "inn").RunToEndAsync(); // its data are in a volume that goes away with the container
        Assert.Contains("Restore it from a backup", await FailsAsync(node.WithEnvironment("TAVERN_FOUND", "inn")), StringComparison.Ordinal);
    }

    private static async Task<string> FailsAsync(ContainerBuilder builder)
    {
        await using var container = await builder.CreateAsync();
        return await container.RunToFailureAsync();
    }
}
