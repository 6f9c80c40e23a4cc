using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Which data folder a command means.</summary>
internal static class DataFolders
{
    /// <summary>The folder named, else the current one; whether or not it holds a tavern.</summary>
    /// <exception cref="CliException">None is named and none is current.</exception>
    public static string Meant(CliSettings settings, CliEnvironment environment) => settings.Data ?? CurrentTavern.Read(environment) ?? throw new CliException(
        ExitCode.NotFound,
        "Which tavern? None is named, and there is no current one.",
        "--data DIR, TAVERN_DATA, or a tavern made current by 'tavern init' or 'tavern join'",
        "tavern init prancing-pony");

    /// <summary>The same, and it holds a tavern.</summary>
    /// <exception cref="CliException">None is named, or it holds none.</exception>
    public static string Existing(CliSettings settings, CliEnvironment environment)
    {
        var folder = Meant(settings, environment);
        return TavernFile.Exists(folder)
            ? folder
            : throw new CliException(ExitCode.NotFound, $"{folder} holds no tavern.", "a data folder made by 'tavern init' or 'tavern join'", "tavern init prancing-pony");
    }

    /// <summary>A folder that is about to be made.</summary>
    /// <exception cref="CliException">It holds a tavern already.</exception>
    public static string New(string folder) => !TavernFile.Exists(folder)
        ? folder
        : throw new CliException(
            ExitCode.Conflict,
            $"{folder} holds the tavern {TavernFile.Read(folder).Name} already.",
            "a folder without one",
            $"another --data DIR, or run what is there: tavern node --data {ShellWord.Of(folder)}");
}
