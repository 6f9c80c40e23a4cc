using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Containers.Docker;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>The compose files and the stack of the repository, as they lie there.</summary>
[Collection(ContainersCollection.Name)]
public sealed class ComposeTests(ContainersFixture containers)
{
    private static readonly string[] Names = ["jake", "gandalf", "legolas", "frodo", "gimli"];

    private static readonly TimeSpan UpMax = TimeSpan.FromMinutes(4); // half a minute on an idle machine

    [SkippableTheory]
    [InlineData("compose.yaml")]
    [InlineData("compose.yaml", "compose.postgres.yaml")]
    public async Task Five_nodes_come_up_healthy_agree_and_stay_as_they_are_when_brought_up_again(params string[] files)
    {
        var engine = await containers.EngineAsync();
        await using var project = await ComposeProject.CreateAsync(engine, files);
        await project.RunAsync("up", "-d");
        var before = new List<string>();
        foreach (var name in Names) before.Add(await project.ContainerAsync(name));
        await UntilHealthyAsync(engine.Docker, () => Task.FromResult<IReadOnlyList<string>>(before));
        await AgreeAsync(engine.Docker, before[1]);
        await engine.Docker.RunAsync("exec", before[1], "tavern", "report", "working");
        foreach (var container in before)
        {
            var told = await engine.Docker.RunAsync("inspect", "--format", "{{json .Config}}", container);
            Assert.DoesNotContain("assword=", told, StringComparison.OrdinalIgnoreCase);
        }

        await project.RunAsync("up", "-d");
        for (var number = 0; number < Names.Length; number++) Assert.Equal(before[number], await project.ContainerAsync(Names[number]));
        await project.RunAsync("down"); // volumes stay
        await project.RunAsync("up", "-d");
        var after = new List<string>();
        foreach (var name in Names) after.Add(await project.ContainerAsync(name));
        await UntilHealthyAsync(engine.Docker, () => Task.FromResult<IReadOnlyList<string>>(after));
        await AgreeAsync(engine.Docker, after[2]);
        Assert.Contains("StatusReported", await engine.Docker.RunAsync("exec", after[2], "tavern", "log", "gandalf"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_swarm_runs_five_nodes_that_agree()
    {
        var engine = await containers.EngineAsync();
        Support.RequiredTool.Require(engine.IsOwn, "the engine is not the tests' own, and they make no swarm of another's");
        var stack = DockerEngine.NewProjectName();
        await engine.Docker.RunAsync("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1");
        try
        {
            var file = Path.Combine(Tests.Support.RepositoryRoot.Path, "docker", "stack.yaml");
            await engine.Docker.ProgramAsync("docker", ["stack", "deploy", "--detach=true", "--resolve-image", "never", "--compose-file", file, stack], ("TAVERN_IMAGE", ContainersFixture.NodeImage));
            var tasks = await UntilHealthyAsync(engine.Docker, async () =>
            {
                var found = await engine.Docker.RunAsync("ps", "--quiet", "--filter", $"label=com.docker.stack.namespace={stack}");
                return found.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            });
            await AgreeAsync(engine.Docker, tasks[0]);
        }
        finally
        {
            await engine.Docker.RunAsync("stack", "rm", stack);
            await engine.Docker.RunAsync("swarm", "leave", "--force");
        }
    }

    private static async Task<IReadOnlyList<string>> UntilHealthyAsync(DockerCommand docker, Func<Task<IReadOnlyList<string>>> current)
    {
        using var deadline = new CancellationTokenSource(UpMax);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            var found = await current();
            var health = found.Count == 0 ? [] : (await docker.RunAsync(["inspect", "--format", "{{.State.Health.Status}}", .. found])).Split('\n');
            if (health.Count(status => status == "healthy") == Names.Length) return found;
            if (deadline.IsCancellationRequested)
            {
                var said = new List<string>();
                foreach (var container in found) said.Add((await docker.TryAsync("logs", "--tail", "40", container)).ToString());
                Assert.Fail($"{string.Join(", ", health)}\n{string.Join('\n', said)}");
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static async Task AgreeAsync(DockerCommand docker, string container)
    {
        await docker.RunAsync("exec", container, "tavern", "wait", "--converged", "--timeout", "120");
        var status = JsonElement.Parse(await docker.RunAsync("exec", container, "tavern", "status", "--json"));
        Assert.Equal("agree", status.GetProperty("agreement").GetString());
        Assert.Equal(Names.Length, status.GetProperty("agents").GetArrayLength());
    }
}
