using System.Collections.Immutable;
using System.Text;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Histories;

/// <summary>What the agents of a recorded history are called in a tavern: their own names as far as the rules for names allow. What a
/// name may not hold becomes <c>_</c>; when several histories are imported at once, or a name is taken, all get the
/// history's own name in front, as in <c>17-Computer_terminal</c>; names that would be the same get a number.</summary>
/// <param name="Historian">The name of the agent that stands for the history: that of the file, without its ending.</param>
/// <param name="Speakers">The speakers' names, in their order.</param>
public sealed record SpeakerNames(string Historian, ImmutableArray<string> Speakers)
{
    /// <summary>Chooses them.</summary>
    /// <param name="history">The history.</param>
    /// <param name="prefixed">True to put the history's name in front in any case.</param>
    /// <param name="isTaken">Whether somebody in the tavern has a name.</param>
    public static SpeakerNames Choose(RecordedHistory history, bool prefixed, Func<string, bool> isTaken)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var historian = Unique(Clean(StemOf(history.File), "history"));
        var names = history.Speakers.Select(name => Clean(name, "agent")).ToList();
        if (prefixed || names.Exists(name => isTaken(name) || name == historian)) names = names.ConvertAll(name => Clean($"{historian}-{name}", historian));
        return new SpeakerNames(historian, [.. names.Select(Unique)]);

        string Unique(string name)
        {
            var unique = name;
            for (var number = 2; isTaken(unique) || !used.Add(unique); number++)
            {
                var suffix = $"-{number}";
                unique = name[..Math.Min(name.Length, AgentName.CharsMax - suffix.Length)] + suffix;
            }

            return unique;
        }
    }

    private static string StemOf(string file) => file.LastIndexOf('.') is > 0 and var dot ? file[..dot] : file;

    private static string Clean(string text, string otherwise)
    {
        var name = new StringBuilder();
        foreach (var letter in text)
        {
            if (name.Length == AgentName.CharsMax) break;
            if (char.IsAsciiLetterOrDigit(letter) || (name.Length > 0 && letter is '_' or '-')) name.Append(letter);
            else if (name.Length > 0 && name[^1] != '_') name.Append('_');
        }

        var clean = name.ToString().TrimEnd('_', '-');
        return AgentName.IsValid(clean) ? clean : clean.Length > 0 ? clean + "_" : otherwise; // 32 hexadecimal digits would read like an id
    }
}
