using System.Text.Json;

namespace Tavern.EventSourced.Cli.Settings;

/// <summary>A person's defaults, a JSON object of strings. Anything on the command line or in the environment wins over it.</summary>
internal static class ConfigFile
{
    private static readonly string[] Keys = ["node", "data", "as", "keys", "output"];

    /// <summary>Reads the file; empty when there is none.</summary>
    /// <exception cref="CliException">It is there and cannot be used.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        if (!File.Exists(path)) return new Dictionary<string, string>();
        try
        {
            var values = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [];
            foreach (var key in values.Keys)
                if (!Keys.Contains(key))
                    throw new CliException(ExitCode.Usage, $"'{key}' in {path} is not a setting.", $"one of {string.Join(", ", Keys)}", "correct or remove it");
            return values;
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.Usage, $"{path} is not a JSON object of strings: {e.Message}", "for example {\"as\":\"gandalf\"}", "correct the file, or remove it");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CliException(ExitCode.Denied, $"{path} cannot be read: {e.Message}");
        }
    }
}
