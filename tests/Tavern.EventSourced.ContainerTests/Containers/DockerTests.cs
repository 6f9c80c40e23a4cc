using Tavern.EventSourced.ContainerTests.Containers.Docker;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>The fixture does what the tests take it for.</summary>
[Collection(ContainersCollection.Name)]
public sealed class DockerTests(ContainersFixture containers)
{
    [SkippableFact]
    public async Task Containers_find_each_other_by_name_until_one_is_unplugged_and_everything_goes_away_with_the_test()
    {
        var engine = await containers.EngineAsync();
        string network, volume, name;
        await using (var net = await Network.CreateAsync(engine))
        await using (var files = await Volume.CreateAsync(engine))
        {
            var sleeper = new ContainerBuilder(engine).WithImage(ContainersFixture.NodeImage).WithNetwork(net).WithEntrypoint("sleep").WithCommand("infinity");
            await using var one = await sleeper.WithNetworkAliases("one").WithVolumeMount(files, "/files").WithUser("root").WithPortBinding(80).CreateAsync();
            await using var two = await sleeper.CreateAsync();
            await one.StartAsync();
            await two.StartAsync();
            Assert.Equal(0, (await two.ExecAsync("getent", "hosts", "one")).ExitCode);
            Assert.Equal(3, (await one.ExecAsync("sh", "-c", "echo said; echo it > /files/kept; exit 3")).ExitCode);
            Assert.InRange(await one.GetMappedPublicPortAsync(80), 1, 65535);

            await net.DisconnectAsync(one);
            Assert.NotEqual(0, (await two.ExecAsync("timeout", "2", "getent", "hosts", "one")).ExitCode); // an engine asks the world for names that it does not know
            await net.ConnectAsync(one, "one");
            Assert.Equal(0, (await two.ExecAsync("getent", "hosts", "one")).ExitCode);

            await one.PauseAsync();
            Assert.Equal("true", await one.InspectAsync("{{.State.Paused}}"));
            await one.UnpauseAsync();
            await one.KillAsync();
            Assert.Equal("137", await one.InspectAsync("{{.State.ExitCode}}"));
            await one.StartAsync();
            Assert.Equal("it\n", (await one.ExecAsync("cat", "/files/kept")).Stdout);
            (network, volume, name) = (net.Id, files.Name, one.Name);
        }

        Assert.NotEqual(0, (await engine.Docker.TryAsync("inspect", network)).ExitCode);
        Assert.NotEqual(0, (await engine.Docker.TryAsync("volume", "inspect", volume)).ExitCode);
        Assert.NotEqual(0, (await engine.Docker.TryAsync("inspect", name)).ExitCode);
    }
}
