namespace Tavern.EventSourced.ContainerTests.Cli;

/// <summary>The commands that the README tells people to type.</summary>
internal static class ReadmeCommands
{
    /// <summary>All its lines.</summary>
    public static IEnumerable<string> Lines() => File.ReadLines(Path.Combine(Root(), "README.md"));

    /// <summary>All lines of <c>sh</c> blocks, and those of <c>console</c> blocks that begin with <c>$ </c>, in order. A backslash at
    /// the end joins lines; remarks are dropped.</summary>
    public static IEnumerable<string> Read()
    {
        string? block = null;
        var joined = "";
        foreach (var line in Lines())
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                block = block is null ? line[3..].Trim() : null;
                continue;
            }

            var typed = block switch
            {
                "sh" => line,
                "console" when line.StartsWith("$ ", StringComparison.Ordinal) => line[2..],
                "console" when joined.Length > 0 => line,
                _ => null,
            };
            if (typed is null) continue;
            joined += typed.Split("  #")[0].Trim();
            if (joined.EndsWith('\\'))
            {
                joined = joined[..^1];
                continue;
            }

            if (joined.Length > 0 && !joined.StartsWith('#')) yield return joined;
            joined = "";
        }
    }

    /// <summary>The only <c>csharp</c> block.</summary>
    public static string Program()
    {
        var lines = File.ReadAllLines(Path.Combine(Root(), "README.md"));
        var start = Assert.Single(Enumerable.Range(0, lines.Length), i => lines[i] == "```csharp") + 1;
        return string.Join('\n', lines.Skip(start).TakeWhile(line => line != "```"));
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Tavern.EventSourced.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Tavern.EventSourced.sln.");
    }
}
