using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>What agents believe, and why.</summary>
internal static class BeliefEndpoints
{
    private const double AskSeconds = 2; // long enough for agents on one machine, short enough for a person who waits

    public static void Map(IEndpointRouteBuilder api, IMediator requests)
    {
        api.MapGet("/status", (string? observer, double? deadlineSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetStatus(observer, deadlineSeconds ?? 1), cancellationToken));
        api.MapGet("/agents", (string? observer, string? asOf, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetAgents(observer, asOf), cancellationToken));
        api.MapGet("/agents/{agent}", (string agent, string? observer, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ShowAgent(agent, observer), cancellationToken));
        api.MapGet("/agents/{agent}/state", (string agent, string? observer, string? asOf, bool? close, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetState(observer, asOf, agent, close ?? false), cancellationToken));
        api.MapGet("/state", (string? observer, string? asOf, bool? close, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetState(observer, asOf, null, close ?? false), cancellationToken));
        api.MapGet("/replay", (string? observer, string? upTo, bool? close, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ReplayLog(observer, upTo, close ?? false), cancellationToken));
        api.MapGet("/tasks", (string? observer, string? asOf, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ListTasks(observer, asOf), cancellationToken));
        api.MapGet("/commitments", (string? observer, string? agent, string? asOf, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ListCommitments(observer, agent, asOf), cancellationToken));
        api.MapGet("/questions", (string? observer, bool? open, string? asOf, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ListQuestions(observer, open ?? false, asOf), cancellationToken));
        api.MapGet("/why", (string observer, string subject, string? field, string? asOf, double? deadlineSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new ExplainBelief(observer, subject, field ?? "state", asOf, deadlineSeconds ?? AskSeconds), cancellationToken));
        api.MapGet("/disagreements", (string? observer, double? deadlineSeconds, CancellationToken cancellationToken) =>
            requests.AnswerAsync(new GetDisagreements(observer, deadlineSeconds ?? AskSeconds), cancellationToken));
    }
}
