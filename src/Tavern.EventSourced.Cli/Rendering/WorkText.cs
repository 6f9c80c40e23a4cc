using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Tasks, commitments and questions, one per line.</summary>
internal static class WorkText
{
    /// <summary>Tasks.</summary>
    public static void ShowTasks(Terminal terminal, TasksAnswer answer)
    {
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        var rows = new Columns("TASK", "STATE", "TITLE", "GIVEN TO", "STARTED BY", "AS OF");
        foreach (var task in answer.Tasks)
            rows.Add(
                Styled.Strong(task.Task.Name), EvidenceText.Value(task.State), task.Title, Names(task.Assignees), Names(task.Starters), Styled.Faint(EvidenceText.Of(task.State.Evidence)));
        rows.WriteTo(terminal);
    }

    private static string Names(IReadOnlyList<AgentRef> agents) => agents.Count == 0 ? "-" : string.Join(", ", agents.Select(agent => agent.Name));

    /// <summary>Commitments.</summary>
    public static void ShowCommitments(Terminal terminal, CommitmentsAnswer answer)
    {
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        var rows = new Columns("COMMITMENT", "STATE", "BY", "PROMISE", "CLAIM", "AS OF");
        foreach (var line in answer.Commitments)
        {
            var state = EvidenceText.Value(line.State);
            rows.Add(
                Styled.Strong(line.Commitment.Name), state with { Text = state.Text + (line.Disputed ? " (disputed)" : "") }, line.By.Name, line.Text,
                line.Claim?.Name ?? "-", Styled.Faint(EvidenceText.Of(line.State.Evidence)));
        }

        rows.WriteTo(terminal);
    }

    /// <summary>Questions with their answers.</summary>
    public static void ShowQuestions(Terminal terminal, QuestionsAnswer answer)
    {
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        var rows = new Columns("QUESTION", "STATE", "BY", "TO", "TEXT");
        foreach (var question in answer.Questions)
        {
            rows.Add(
                Styled.Strong(question.Question.Name), EvidenceText.Value(question.State), question.By.Name,
                question.To.Count == 0 ? "anyone" : string.Join(", ", question.To.Select(agent => agent.Name)), question.Text);
            foreach (var reply in question.Replies) rows.Add(Styled.Faint("  " + reply.Event.Name), "", reply.By.Name, "", reply.Text);
        }

        rows.WriteTo(terminal);
    }
}
