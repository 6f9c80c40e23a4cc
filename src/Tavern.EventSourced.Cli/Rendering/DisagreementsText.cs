using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Where agents differ.</summary>
internal static class DisagreementsText
{
    /// <summary>One per line, then how to ask why.</summary>
    public static void Show(Terminal terminal, DisagreementsAnswer answer)
    {
        var silent = EvidenceText.Silent(answer.Asked);
        if (answer.Disagreements.Count == 0)
            terminal.Line(silent is null ? Styled.Good("No disagreements: everyone believes what the others say of themselves.") : Styled.Doubtful($"No disagreements among those who answered; {silent}."));
        var rows = new Columns();
        foreach (var one in answer.Disagreements)
            rows.Add(
                Styled.Strong(one.Observer.Name), $"thinks {one.Subject.Name}'s {one.Field} is", Value(one.Observed, one.ObservedSince),
                $"{one.Subject.Name} says", Value(one.Own, one.OwnSince), Styled.Faint(one.Why));
        rows.WriteTo(terminal);
        if (answer.Disagreements.Count == 0) return;
        if (silent is not null) terminal.Line(Styled.Doubtful(silent));
        var first = answer.Disagreements[0];
        Hints.Write(terminal, ($"tavern why {first.Observer.Name} {first.Subject.Name}{(first.Field is "state" ? "" : " --field " + first.Field)}", "why"));
    }

    private static Styled Value(string? value, EventRef? since) => value is null ? Styled.Faint("unknown") : $"{value}{(since is null ? "" : $" ({since.Name})")}";
}
