using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>How two events stand to each other.</summary>
internal static class RelationText
{
    /// <summary>The answer first, then the proof.</summary>
    public static void Show(Terminal terminal, RelationAnswer answer)
    {
        var (a, b) = (answer.A.Name, answer.B.Name);
        terminal.Line(answer.Relation switch
        {
            "same" => Styled.Strong($"{a} and {b} are the same event."),
            "before" when answer.Importer is { } importer => Styled.Strong($"{a} is before {b}, {OnlyThrough(importer, a, b)}"),
            "after" when answer.Importer is { } importer => Styled.Strong($"{a} is after {b}, {OnlyThrough(importer, b, a)}"),
            "before" => Styled.Strong($"{a} is before {b}: whoever wrote {b} had heard of {a}."),
            "after" => Styled.Strong($"{a} is after {b}: whoever wrote {a} had heard of {b}."),
            _ => Styled.Strong($"{a} and {b} are concurrent: neither author had heard of the other's event."),
        });
        var rows = new Columns();
        foreach (var step in answer.Steps)
            rows.Add(step.From.Name, "->", step.To.Name, Styled.Faint(step.Kind switch
            {
                "chain" => "the same writer, later",
                "dependency" => "names it among what its writer had heard",
                _ => "begins a chain that it vouches for",
            }), Styled.Faint(Ages.Date(step.At)));
        rows.WriteTo(terminal, "  ");
        if (answer.Relation is not "concurrent") return;
        terminal.Line($"  {a}'s author had heard of {answer.KnownToA?.Name ?? "nothing"} of {b}'s chain.");
        terminal.Line($"  {b}'s author had heard of {answer.KnownToB?.Name ?? "nothing"} of {a}'s chain.");
    }

    private static string OnlyThrough(AgentRef importer, string earlier, string later) =>
        $"only through the import: {importer.Name} imported {later}'s record after {earlier}'s; the records know nothing of each other.";
}
