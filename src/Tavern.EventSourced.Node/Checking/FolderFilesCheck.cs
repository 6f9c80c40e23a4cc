using System.Text.Json;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Checks what stands beside the store: tavern.json, keys, tokens, and that they are their owner's alone.</summary>
internal static class FolderFilesCheck
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OthersAny = OthersWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Reads tavern.json; null, with a finding, when it is there and cannot be read.</summary>
    /// <exception cref="NodeFileException">It is missing, or a newer version wrote it.</exception>
    public static TavernFile? ReadFile(string folder, Findings findings)
    {
        try
        {
            return TavernFile.Read(folder);
        }
        catch (NodeFileException e) when (e.InnerException is JsonException or FormatException)
        {
            findings.Add("tavern.json", "", e.Message, "Restore it from a backup: without it nobody knows which tavern and whose logs these are.");
            return null;
        }
    }

    /// <summary>Compares the files with what tavern.json says.</summary>
    public static void Run(string folder, string keysFolder, TavernFile file, Findings findings)
    {
        if (file.Hosted.IsEmpty) findings.Add("tavern.json", "", "It names no agent whose log is here.", Advice.Restore);
        foreach (var twice in file.Hosted.GroupBy(hosted => hosted.Agent).Where(group => group.Count() > 1))
            findings.Add("tavern.json", "", $"It names {twice.Key} twice.", "Remove one of the two entries.");
        CheckKeys(keysFolder, file, findings);
        CheckTokens(folder, file, findings);
        foreach (var path in Directory.EnumerateFiles(folder, "events.db*").Order(StringComparer.Ordinal)) RequireOwn(path, OthersAny, "600", findings);
        RequireOwn(Path.Combine(folder, "tavern.json"), OthersWrite, "600", findings);
    }

    private static void CheckKeys(string keysFolder, TavernFile file, Findings findings)
    {
        foreach (var hosted in file.Hosted)
        {
            try
            {
                if (!Directory.Exists(keysFolder)) throw new KeyFolderException($"The keys folder {keysFolder} does not exist. Name the folder that holds the key with --keys.");
                using var key = KeyFolder.Open(keysFolder).Load(hosted.Agent);
                if (key.Agent != hosted.Agent)
                    findings.Add("keys", $"{hosted.Agent}.pem", $"It holds the key of {key.Agent}.", $"Restore the key of {hosted.Name} from its backup.");
            }
            catch (KeyFolderException e)
            {
                findings.Add("keys", $"{hosted.Agent}.pem", e.Message, $"Without it {hosted.Name} cannot write; nothing that is held is lost.");
            }
        }
    }

    private static void CheckTokens(string folder, TavernFile file, Findings findings)
    {
        var tokens = new TokenFolder(folder);
        var known = file.Hosted.ToDictionary(hosted => tokens.WriteFile(hosted.Agent), hosted => tokens.FindWrite(hosted.Agent));
        known.Add(tokens.ReadFile, tokens.FindRead());
        if (!Directory.Exists(Path.GetDirectoryName(tokens.ReadFile))) return; // no node has run here yet
        foreach (var path in Directory.EnumerateFiles(Path.GetDirectoryName(tokens.ReadFile)!).Order(StringComparer.Ordinal))
        {
            if (!known.TryGetValue(path, out var token)) findings.Add("tokens", Path.GetFileName(path), "No agent that is hosted here has this name.", $"rm {path}");
            else if (token is null) findings.Add("tokens", Path.GetFileName(path), "It holds no token.", "Start the node again: it makes a new one.");
            RequireOwn(path, OthersAny, "600", findings);
        }
    }

    private static void RequireOwn(string path, UnixFileMode forbidden, string mode, Findings findings)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & forbidden) != 0)
            findings.Add(Path.GetFileName(path), "", "It is open to others than its owner.", $"chmod {mode} {path}");
    }
}
