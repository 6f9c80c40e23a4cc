using MediatR;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>All questions an observer knows.</summary>
/// <param name="Observer">As seen by whom; by default the node's first agent.</param>
/// <param name="Open">Only those that are neither answered nor withdrawn.</param>
/// <param name="AsOf">A point in history; by default everything the observer has.</param>
public sealed record ListQuestions(string? Observer = null, bool Open = false, string? AsOf = null) : IRequest<QuestionsAnswer>;

/// <summary>The questions, oldest first.</summary>
/// <param name="Reading">What they were read from.</param>
/// <param name="Questions">One line each.</param>
public sealed record QuestionsAnswer(Reading Reading, IReadOnlyList<QuestionLine> Questions) : Answer;

/// <summary>A question.</summary>
/// <param name="Question">The event that names it.</param>
/// <param name="Text">The question.</param>
/// <param name="By">Who asks.</param>
/// <param name="To">Who should answer; empty for anyone.</param>
/// <param name="Replies">The answer that counts, and those that are concurrent with it.</param>
/// <param name="State">Where it stands, with its evidence: <c>open</c>, <c>answered</c>, <c>withdrawn</c>.</param>
public sealed record QuestionLine(
    EventRef Question, string Text, AgentRef By, IReadOnlyList<AgentRef> To, IReadOnlyList<ReplyLine> Replies, Belief State);

/// <summary>One reply.</summary>
/// <param name="Event">The event.</param>
/// <param name="By">Who.</param>
/// <param name="Text">What.</param>
/// <param name="Rule">Id of the rule under which it counts.</param>
public sealed record ReplyLine(EventRef Event, AgentRef By, string Text, string Rule);

internal sealed class ListQuestionsHandler(Observers observers) : IRequestHandler<ListQuestions, QuestionsAnswer>
{
    public async Task<QuestionsAnswer> Handle(ListQuestions request, CancellationToken cancellationToken) => await observers.ReadAsync(
        request.Observer,
        now =>
        {
            var witness = now.AsOf(request.AsOf);
            var causality = witness.History.Causality;
            return new QuestionsAnswer(
                witness.Reading,
                [
                    .. witness.View.Questions.Values.Where(question => !request.Open || question.State.Value is QuestionState.Open)
                        .OrderBy(question => causality.DepthOf(question.Id)).ThenBy(question => question.Id).Select(question => Line(witness, question)),
                ]);
        },
        cancellationToken);

    private static QuestionLine Line(Witness witness, QuestionView question) => new(
        witness.Of(question.Id),
        question.Text.Value,
        witness.Of(question.Id.Agent),
        witness.Of(question.To),
        [
            .. (question.Answer?.Candidates ?? [])
                .Select(answer => new ReplyLine(witness.Of(answer.Event), witness.Of(answer.Value.By), answer.Value.Text, answer.Rule)),
        ],
        witness.Believe("state", question.State, state => state.ToString().ToLowerInvariant()));
}
