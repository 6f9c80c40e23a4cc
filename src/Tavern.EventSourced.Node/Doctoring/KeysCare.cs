using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>The private keys of the hosted agents.</summary>
internal static class KeysCare
{
    public static IEnumerable<DoctorLine> Look(string keysFolder, TavernFile file)
    {
        if (!Directory.Exists(keysFolder))
        {
            yield return DoctorLine.Problem("keys", $"{keysFolder} does not exist", "Name the folder that holds the keys with --keys, or restore it from its backup.");
            yield break;
        }

        foreach (var hosted in file.Hosted) yield return Look(keysFolder, hosted);
        foreach (var recovery in file.Hosted.Select(hosted => KeyFolder.RecoveryFileOf(keysFolder, hosted.Agent.ToString())).Where(File.Exists))
            yield return DoctorLine.Warning("keys", $"the recovery key is still here: {recovery}", "Move it offline: whoever has it can replace the root's key.");
    }

    private static DoctorLine Look(string keysFolder, HostedName hosted)
    {
        try
        {
            using var key = KeyFolder.Open(keysFolder).Load(hosted.Agent);
            return key.Agent == hosted.Agent
                ? DoctorLine.Ok("keys", $"{hosted.Name}'s key is in {keysFolder}, its owner's alone")
                : DoctorLine.Problem("keys", $"{hosted.Name}'s file holds the key of {key.Agent}", "Restore the key from its backup.");
        }
        catch (Exception e) when (e is KeyFolderException or IOException or UnauthorizedAccessException)
        {
            return DoctorLine.Problem("keys", e.Message, $"Without it {hosted.Name} cannot write.");
        }
    }
}
