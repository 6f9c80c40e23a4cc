using System.Globalization;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Who is behind whom.</summary>
internal static class LagText
{
    private const int ColumnsMax = 12; // holders side by side on one line; beyond that the totals alone

    /// <summary>A row per writer, a column per holder: what the holder has of the writer's events.</summary>
    public static void Show(Terminal terminal, LagAnswer answer)
    {
        terminal.Line(answer.EventsBehindMax == 0 ? Styled.Good("Nobody who answered is behind.") : Styled.Doubtful($"The last is {answer.EventsBehindMax} events behind."));
        if (EvidenceText.Silent(answer.Asked) is { } silent) terminal.Line(Styled.Doubtful(silent));
        terminal.Line();
        var holders = answer.Agents.Count is > 0 and <= ColumnsMax ? answer.Agents[0].Holders.Select(holder => holder.Holder).ToList() : [];
        var rows = new Columns(["WRITER", "HEAD", "LACKS", .. holders.Select(holder => holder.Name)]);
        foreach (var agent in answer.Agents)
            rows.Add([agent.Agent.Name, agent.Head?.Name ?? "-", Number(agent.EventsBehind), .. holders.Select(holder => Has(agent, holder))]);
        rows.WriteTo(terminal);
        terminal.Line();
        terminal.Line(Styled.Faint("LACKS: how many of all known events this agent lacks. Below a name: the last event it has of the row's writer;"));
        terminal.Line(Styled.Faint("-N: it lacks N of them. >=: it did not answer; its own later events prove this much."));
    }

    private static Styled Has(LagRow row, AgentRef holder)
    {
        foreach (var line in row.Holders)
        {
            if (line.Holder.Id != holder.Id) continue;
            var has = (line.Proven ? "" : ">=") + line.Has.ToString(CultureInfo.InvariantCulture);
            return line.Behind == 0 ? has : Styled.Doubtful($"{has} (-{line.Behind})");
        }

        return "-";
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "?";
}
