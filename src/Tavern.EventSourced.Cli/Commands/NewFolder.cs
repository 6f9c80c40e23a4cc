using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>A data folder that is about to be made.</summary>
internal static class NewFolder
{
    /// <summary>Refuses a folder that holds a tavern.</summary>
    /// <exception cref="CliException">It does.</exception>
    public static void Require(string folder)
    {
        if (TavernFile.Exists(folder))
            throw new CliException(
                ExitCode.Conflict,
                $"{folder} holds the tavern {TavernFile.Read(folder).Name} already.",
                "a folder without one",
                $"another --data DIR, or: tavern node --data {ShellWord.Of(folder)}");
    }
}
