namespace Tavern.EventSourced.ContainerTests.Containers.Docker;

/// <summary>When a started container counts as up.</summary>
internal static class Wait
{
    /// <summary>As soon as a command inside it succeeds.</summary>
    public static Func<Container, Task<bool>> UntilCommandSucceeds(params string[] command) => async container => (await container.ExecAsync(command)).ExitCode == 0;
}
