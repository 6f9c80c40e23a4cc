using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Backups;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What a backup holds, and what came of restoring one.</summary>
internal static class BackupText
{
    /// <summary>A backup that was made.</summary>
    public static void ShowMade(Terminal terminal, BackupAnswer answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.TavernName), $" is backed up: {answer.Events} events of {answer.Chains} chains in {Ages.Of(answer.Seconds)}.");
        Rows(terminal, answer);
        Hints.Write(terminal, ($"tavern backup --check {ShellWord.Of(answer.File)}", "see that a copy elsewhere is whole"));
    }

    /// <summary>A backup that was checked.</summary>
    public static void ShowChecked(Terminal terminal, BackupAnswer answer)
    {
        terminal.Line(Styled.Good($"Sound: {answer.Events} events of {answer.Chains} chains in {Ages.Of(answer.Seconds)}; every checksum, hash, signature, cause, log and receipt holds."));
        Rows(terminal, answer);
    }

    /// <summary>A backup that was restored.</summary>
    public static void ShowRestored(Terminal terminal, RestoreAnswer answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.TavernName), $" is restored as of {Ages.Date(answer.MadeAt)}: {answer.Events} events.");
        var rows = new Columns();
        rows.Add(Styled.Faint("data"), answer.DataFolder);
        rows.Add(Styled.Faint("store"), answer.Store);
        rows.Add(Styled.Faint("keys"), answer.KeysFolder, Styled.Faint(answer.KeysRestored.Count > 0 ? $"those of {string.Join(", ", answer.KeysRestored)} came out of the backup" : ""));
        rows.WriteTo(terminal, "  ");
        if (answer.KeysMissing.Count > 0)
            terminal.Line(Styled.Doubtful("! "), $"The keys of {string.Join(", ", answer.KeysMissing)} are not there: put them there before the node starts.");
        if (answer.LeasesMissing.Count > 0)
            terminal.Line(
                Styled.Doubtful("! "),
                $"Nothing in the keys folder says which epochs {string.Join(", ", answer.LeasesMissing)} began after the backup: let the first start hear it from another node, with --wait-for-peers, unless there is none.");
        Hints.Write(terminal, ($"tavern node{(answer.LeasesMissing.Count > 0 ? " --wait-for-peers" : "")} --data {ShellWord.Of(answer.DataFolder)}", "gets back what others have, and begins a new epoch"));
    }

    private static void Rows(Terminal terminal, BackupAnswer answer)
    {
        var rows = new Columns();
        rows.Add(Styled.Faint("file"), answer.File, Styled.Faint($"{answer.Bytes} bytes"));
        rows.Add(Styled.Faint("of"), $"{answer.TavernName}, the {(answer.Hosted.Count == 1 ? "log" : "logs")} of {string.Join(", ", answer.Hosted)}", Styled.Faint($"as of {Ages.Date(answer.MadeAt)}"));
        rows.Add(Styled.Faint("sha-256"), answer.Checksum);
        rows.Add(Styled.Faint("keys"), answer.Keys ? "in it: keep it like a key" : "not in it: back them up apart");
        rows.WriteTo(terminal, "  ");
    }
}
