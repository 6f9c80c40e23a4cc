using System.Collections.Immutable;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Folds questions, discoveries and messages.</summary>
internal static class TalkFold
{
    /// <summary>Of concurrent answers, an addressee's counts first.</summary>
    private static readonly IComparer<Answer> AddresseeFirst = Comparer<Answer>.Create((a, b) => a.Addressed.CompareTo(b.Addressed));

    public static TavernView Raised(TavernView view, FoldStep step, QuestionRaised raised) => view with
    {
        Questions = view.Questions.Add(step.Id, new QuestionView(step.Id, OrNone(raised.To))
        {
            Text = step.First(raised.Text, RuleIds.QuestionRaised),
            State = step.First(QuestionState.Open, RuleIds.QuestionRaised),
        }),
    };

    public static TavernView Answered(TavernView view, FoldStep step, QuestionAnswered answered)
    {
        if (!Find(view, step, answered.Question, out var question)) return step.Ignore(view, RuleIds.ReferenceInPast);
        var answer = new Answer(step.Writer, answered.Text, question.To.Contains(step.Writer));
        // A question that was withdrawn stays so; the answer is kept for those who still want it.
        return Set(view, question with
        {
            Answer = step.Write(question.Answer, answer, RuleIds.QuestionAnswer, AddresseeFirst),
            State = IsWithdrawn(question, step) ? question.State
                : step.Write(question.State, QuestionState.Answered, RuleIds.QuestionAnswer, Comparer<QuestionState>.Default),
        });
    }

    public static TavernView Withdrawn(TavernView view, FoldStep step, QuestionWithdrawn withdrawn)
    {
        if (!Find(view, step, withdrawn.Question, out var question)) return step.Ignore(view, RuleIds.ReferenceInPast);
        if (!view.Tree.IsInSubtree(step.Writer, question.Id.Agent)) return step.Ignore(view, RuleIds.QuestionWithdraw);
        return Set(view, question with
        {
            State = step.Write(question.State, QuestionState.Withdrawn, RuleIds.QuestionWithdraw, Comparer<QuestionState>.Default),
        });
    }

    public static TavernView Shared(TavernView view, FoldStep step, DiscoveryShared shared) => shared.Topic is { } topic
        ? view with { Topics = view.Topics.SetItem(topic, step.Write(view.Topics.GetValueOrDefault(topic), shared.Text, RuleIds.DiscoveryTopic)) }
        : view with { Discoveries = view.Discoveries.Add(new DiscoveryView(step.Id, shared.Text)) };

    public static TavernView Sent(TavernView view, FoldStep step, MessageSent sent) =>
        view with { Messages = view.Messages.Add(new MessageView(step.Id, OrNone(sent.To), sent.Text)) };

    private static ImmutableArray<AgentId> OrNone(ImmutableArray<AgentId>? to) => to is { IsDefault: false } some ? some : [];

    private static bool Find(TavernView view, FoldStep step, EventId id, out QuestionView question) =>
        step.Finds(view.Questions, id, out question!);

    private static bool IsWithdrawn(QuestionView question, FoldStep step)
    {
        foreach (var candidate in question.State.Candidates)
            if (candidate.Value is QuestionState.Withdrawn && step.Past.Includes(candidate.Event)) return true;
        return false;
    }

    private static TavernView Set(TavernView view, QuestionView question) => view with { Questions = view.Questions.SetItem(question.Id, question) };
}
