using MediatR;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>What every chapter needs: the cast, the stage, and the ways to act and to look.</summary>
internal sealed class Scene(Cast cast, Stage stage, TimeProvider time, CancellationToken cancellationToken)
{
    private readonly Until _until = new(time, cancellationToken);

    /// <summary>Who plays.</summary>
    public Cast Cast { get; } = cast;

    /// <summary>Where it is told.</summary>
    public Stage Stage { get; } = stage;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Ends the story.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Sends a request to somebody's node.</summary>
    public Task<TAnswer> AskAsync<TAnswer>(Member member, IRequest<TAnswer> request) => member.SendAsync(request, CancellationToken);

    /// <summary>Sends a request again and again until its answer is as it should be, at most 20 s.</summary>
    public Task<TAnswer> UntilAsync<TAnswer>(Member member, IRequest<TAnswer> request, Func<TAnswer, bool> holds) =>
        _until.HoldsAsync(() => AskAsync(member, request), holds);

    /// <summary>A step in which an agent writes one event; the event's name for later steps.</summary>
    public async Task<string> WriteAsync(string promise, Member member, WriteEvent request)
    {
        var written = "";
        await Stage.StepAsync(promise, async () =>
        {
            written = (await AskAsync(member, request)).Event.Name;
            return new Outcome(true, written);
        });
        return written;
    }

    /// <summary>A step that holds once somebody has an event; its writer is asked, who has it from the start.</summary>
    public Task HearsAsync(string promise, Member who, string @event, Member writer) =>
        KnownAsync(promise, @event, writer, known => known.Knows.Any(knower => knower.Agent.Name == who.Name));

    /// <summary>A step that holds once at least this many agents have an event; its writer is asked, who has it from the start.</summary>
    public Task HearAsync(string promise, int count, string @event, Member writer) => KnownAsync(promise, @event, writer, known => known.AtLeast >= count);

    /// <summary>A step that holds once all agents have the same events.</summary>
    public Task ConvergedAsync(string promise, Member asker, int answers) => Stage.StepAsync(promise, async () =>
    {
        var answer = await UntilAsync(asker, new GetConvergence(), found => found.Converged && found.Asked.Count(one => one.Answered) >= answers);
        return new Outcome(answer.Converged, answer.Converged ? $"{answer.Reading.Events} events each" : Rendering.ConvergenceText.Sentence(answer));
    });

    /// <summary>Shows what a command answers at somebody's node.</summary>
    public async Task ShowAsync<TAnswer>(string command, Member member, IRequest<TAnswer> request, Action<Terminal, TAnswer> show) =>
        Stage.Show(member.Name, command, await AskAsync(member, request), show);

    private Task KnownAsync(string promise, string @event, Member writer, Func<KnowersAnswer, bool> holds) => Stage.StepAsync(promise, async () =>
    {
        var known = await UntilAsync(writer, new GetKnowers(@event), holds);
        return new Outcome(holds(known), $"{@event} is known to {known.AtLeast} of {known.Of}");
    });
}
