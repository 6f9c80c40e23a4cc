namespace Tavern.EventSourced.Cli.Settings;

/// <summary>What the command finds around it: variables and the folders that follow from them (XDG Base Directory Specification).</summary>
/// <param name="variable">Reads an environment variable; null when it is not set.</param>
/// <param name="currentFolder">Relative paths start here.</param>
internal sealed class CliEnvironment(Func<string, string?> variable, string currentFolder)
{
    /// <summary>Of this process.</summary>
    public static CliEnvironment OfProcess { get; } = new(Environment.GetEnvironmentVariable, Environment.CurrentDirectory);

    /// <summary>A variable; null when it is not set or empty, which means the same everywhere in Tavern.</summary>
    public string? this[string name] => variable(name) is { Length: > 0 } value ? value : null;

    /// <summary><c>config.json</c>: defaults of a person, e.g. <c>{"as":"gandalf"}</c>.</summary>
    public string ConfigFile => Path.Combine(XdgFolder("XDG_CONFIG_HOME", ".config"), "config.json");

    /// <summary>Where private keys live unless said otherwise: apart from data.</summary>
    public string KeysFolder => Path.Combine(XdgFolder("XDG_CONFIG_HOME", ".config"), "keys");

    /// <summary>Holds the path of the tavern that commands mean when nothing else is said.</summary>
    public string CurrentFile => Path.Combine(XdgFolder("XDG_STATE_HOME", Path.Combine(".local", "state")), "current");

    /// <summary>Where a new tavern's data goes unless said otherwise.</summary>
    public string DataFolderOf(string name) => Path.Combine(XdgFolder("XDG_DATA_HOME", Path.Combine(".local", "share")), name);

    /// <summary>A path as the person meant it.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, currentFolder);

    // The specification says to ignore relative paths in these variables.
    private string XdgFolder(string name, string underHome) => Path.Combine(
        this[name] is { } folder && Path.IsPathRooted(folder) ? folder : Path.Combine(this["HOME"] ?? currentFolder, underHome),
        "tavern");
}
