using System.CommandLine;

namespace Tavern.EventSourced.Cli.Settings;

/// <summary>What holds for one command. Per setting the first of these that is given: flag, <c>TAVERN_*</c> variable, config file,
/// default. A node and a data folder name the same thing, so the one given closer to the command wins; side by side, the node.</summary>
/// <param name="Node">API address of the node to speak to; null: find it through the data folder.</param>
/// <param name="Data">Data folder named by flag, variable or config file; null: the current tavern.</param>
/// <param name="As">Who writes; null: the one agent hosted in the data folder.</param>
/// <param name="Keys">Folder of private keys.</param>
/// <param name="Output">What is written to standard output.</param>
internal sealed record CliSettings(Uri? Node, string? Data, string? As, string Keys, OutputFormat Output)
{
    /// <summary>Decides every setting.</summary>
    /// <exception cref="CliException">One has a value that cannot be.</exception>
    public static CliSettings Read(ParseResult parse, GlobalOptions options, CliEnvironment environment)
    {
        var config = ConfigFile.Read(environment.ConfigFile);
        string?[] Levels(Option<string?> option, string variable, string key) =>
            [parse.GetValue(option), environment[variable], config.GetValueOrDefault(key)];

        var nodes = Levels(options.Node, "TAVERN_NODE", "node");
        var folders = Levels(options.Data, "TAVERN_DATA", "data");
        var (nodeLevel, folderLevel) = (LevelOf(nodes), LevelOf(folders));
        return new CliSettings(
            nodeLevel <= folderLevel && nodeLevel < nodes.Length ? ReadNode(nodes[nodeLevel]!) : null,
            folderLevel < folders.Length ? environment.FullPath(folders[folderLevel]!) : null,
            First(Levels(options.As, "TAVERN_AS", "as")),
            First(Levels(options.Keys, "TAVERN_KEYS", "keys")) is { } keys ? environment.FullPath(keys) : environment.KeysFolder,
            ReadFormat(parse.GetValue(options.Json), parse.GetValue(options.Output), First(Levels(options.Output, "TAVERN_OUTPUT", "output"))));
    }

    private static int LevelOf(string?[] levels) => levels.TakeWhile(level => level is null).Count();

    private static string? First(string?[] levels) => levels.FirstOrDefault(level => level is not null);

    private static Uri ReadNode(string text) => Uri.TryCreate(text, UriKind.Absolute, out var node) && node.Scheme is "http" or "https"
        ? node
        : throw new CliException(ExitCode.Usage, $"'{text}' is not the address of a node.", "an address like http://127.0.0.1:4711, as 'tavern node' prints it");

    private static OutputFormat ReadFormat(bool json, string? flag, string? given)
    {
        if (json && flag is not null and not "json")
            throw new CliException(ExitCode.Usage, $"--json and --output {flag} contradict each other.", "one of them", "leave one out");
        return json ? OutputFormat.Json : given switch
        {
            null or "text" => OutputFormat.Text,
            "json" => OutputFormat.Json,
            "ndjson" => OutputFormat.Ndjson,
            _ => throw new CliException(ExitCode.Usage, $"'{given}' is not an output format.", "text, json or ndjson"),
        };
    }
}
