namespace Tavern.EventSourced.ContainerTests.Support;

/// <summary>Programs that a test runs and that a machine may lack.</summary>
internal static class RequiredTool
{
    /// <summary>Skips the test when the program is not on PATH; fails it when TAVERN_REQUIRE is <c>all</c>, as in CI.</summary>
    public static void Require(string name) => Require(IsOnPath(name, Environment.GetEnvironmentVariable("PATH")), $"{name} is not on PATH");

    /// <summary>The same for anything else that a test needs.</summary>
    public static void Require(bool isHere, string otherwise)
    {
        if (isHere) return;
        Assert.False(IsRequired(Environment.GetEnvironmentVariable("TAVERN_REQUIRE")), $"{otherwise}, and TAVERN_REQUIRE is all.");
        Skip.If(true, $"skipped: {otherwise}");
    }

    /// <summary>True when one of the folders holds it.</summary>
    public static bool IsOnPath(string name, string? path) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, name)));

    private static bool IsRequired(string? require) => require == "all";
}
