namespace Tavern.EventSourced.Cli.Settings;

/// <summary>The pointer to the data folder that commands mean when nothing else is said.</summary>
internal static class CurrentTavern
{
    /// <summary>The folder pointed to; null when there is no pointer.</summary>
    public static string? Read(CliEnvironment environment)
    {
        if (!File.Exists(environment.CurrentFile)) return null;
        var folder = File.ReadAllText(environment.CurrentFile).Trim();
        return folder.Length > 0 ? folder : null;
    }

    /// <summary>Points to a folder from now on. Readers see the old pointer or the new one, never half of it.</summary>
    public static void Write(CliEnvironment environment, string dataFolder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(environment.CurrentFile)!);
        var next = environment.CurrentFile + "." + Environment.ProcessId;
        File.WriteAllText(next, dataFolder + "\n");
        File.Move(next, environment.CurrentFile, overwrite: true);
    }
}
