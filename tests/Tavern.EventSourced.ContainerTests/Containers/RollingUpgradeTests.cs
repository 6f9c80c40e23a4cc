using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>A tavern of the commit before this one, whose containers are replaced by this one's, one after the other.</summary>
[Collection(ContainersCollection.Name)]
public sealed class RollingUpgradeTests(ContainersFixture containers)
{
    private const string ImageBefore = "tavern-test-node-before";

    [SkippableFact]
    public async Task Nodes_are_replaced_one_by_one_while_all_go_on_writing()
    {
        var engine = await containers.EngineAsync();
        using (var source = await EarlierBuild.RequireSourceAsync(holds: "docker/build")) // there is no image of commits before it
            await engine.Docker.ScriptAsync(Path.Combine(source.Path, "docker", "build"), ImageBefore);
        await using var tavern = await TavernOfContainers.StartAsync(engine, ImageBefore);
        await Drill.UnderLoadAsync(tavern, async (load, cancellationToken) =>
        {
            foreach (var member in tavern.Members)
            {
                await member.ReplaceAsync(node => node.WithImage(ContainersFixture.NodeImage));
                await load.MoreAsync(5, tavern.Members, cancellationToken);
            }
        });
    }
}
