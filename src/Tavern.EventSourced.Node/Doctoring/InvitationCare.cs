namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>Invitations that were used, or not, and still hold private keys.</summary>
internal static class InvitationCare
{
    private const int BytesMax = 256 * 1024; // one with a spawn path of some hundred
    private const int FilesMax = 1000; // of a folder that holds something else, the rest is not read

    public static IEnumerable<DoctorLine> Look(IReadOnlyList<string> folders)
    {
        foreach (var file in folders.Where(Directory.Exists).Distinct().SelectMany(folder => Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Take(FilesMax)))
            if (HoldsKey(file)) yield return DoctorLine.Warning("invitation", $"{file} holds an agent's private key", $"Once the agent has joined: rm {file}");
    }

    private static bool HoldsKey(string file)
    {
        try
        {
            return new FileInfo(file) is { Length: > 0 and <= BytesMax } && File.ReadAllText(file) is var text && text.StartsWith('{') && text.Contains("\"privateKeyPem\"", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // what cannot be read by its owner is read by nobody
        }
    }
}
