using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Who has an event.</summary>
internal static class KnowersText
{
    /// <summary>The count first, then who and how that is known; of a recorded event, who in the record had heard it.</summary>
    public static void Show(Terminal terminal, KnowersAnswer answer)
    {
        var count = $"{(answer.Exact ? "" : "at least ")}{answer.AtLeast} of {answer.Of}";
        terminal.Line(Styled.Strong(answer.Event.Name), ": known to ", answer.AtLeast == answer.Of ? Styled.Good(count) : Styled.Doubtful(count), answer.Recorded is null ? "" : " in this tavern");
        var rows = new Columns();
        foreach (var knower in answer.Knows)
            rows.Add(Styled.Good("has it"), knower.Agent.Name, Styled.Faint(knower.Proof switch
            {
                "own" => "wrote it",
                "answered" => "said so",
                _ => knower.Event is { } proof ? $"its own {proof.Name} depends on it" : knower.Proof,
            }));
        foreach (var agent in answer.Lacks) rows.Add(Styled.Doubtful("lacks it"), agent.Name, Styled.Faint("said so"));
        foreach (var agent in answer.Unknown)
            rows.Add(Styled.Faint("unknown"), agent.Name, Styled.Faint(answer.Asked.FirstOrDefault(one => one.Agent.Id == agent.Id)?.Failure ?? "did not answer"));
        rows.WriteTo(terminal, "  ");
        if (answer.Recorded is { } audience) RecordedText.Show(terminal, audience);
    }
}
