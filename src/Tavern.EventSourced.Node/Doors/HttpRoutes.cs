using MediatR;
using Tavern.EventSourced.Node.Requests;
using static Tavern.EventSourced.Node.Doors.HttpCall;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>Which HTTP call carries which request.</summary>
internal static class HttpRoutes
{
    /// <summary>The call for a request.</summary>
    /// <exception cref="NotSupportedException">The request has no route: a door was forgotten when it was added.</exception>
    public static HttpCall Of<TAnswer>(IRequest<TAnswer> request) => request switch
    {
        GetStatus r => Get("status", ("observer", r.Observer), ("deadlineSeconds", r.DeadlineSeconds)),
        GetAgents r => Get("agents", ("observer", r.Observer), ("asOf", r.AsOf)),
        ShowAgent r => Get($"agents/{Escape(r.Agent)}", ("observer", r.Observer)),
        GetRecord r => Get($"events/{Escape(r.Event)}"),
        ShowEvent r => Get($"events/{Escape(r.Event)}/evidence", ("observer", r.Observer), ("deadlineSeconds", r.DeadlineSeconds), ("local", r.Local)),
        GetSpread r => Get($"events/{Escape(r.Event)}/spread", ("observer", r.Observer), ("deadlineSeconds", r.DeadlineSeconds)),
        GetKnowers r => Get($"events/{Escape(r.Event)}/knowers", ("observer", r.Observer), ("deadlineSeconds", r.DeadlineSeconds)),
        GetCauses r => Get(
            $"events/{Escape(r.Event)}/causes", ("observer", r.Observer), ("depth", r.Depth), ("limit", r.Limit), ("texts", r.Texts)),
        GetEffects r => Get(
            $"events/{Escape(r.Event)}/effects", ("observer", r.Observer), ("depth", r.Depth), ("limit", r.Limit), ("texts", r.Texts)),
        GetRelation r => Get("relation", ("a", r.A), ("b", r.B), ("observer", r.Observer)),
        ReadLog r => Filtered(
            "log", r.Filter, ("observer", r.Observer), ("limit", r.Limit), ("after", r.After), ("before", r.Before), ("texts", r.Texts)),
        TailLog r => Filtered(
            "tail", r.Filter, ("observer", r.Observer), ("after", r.After), ("waitSeconds", r.WaitSeconds), ("limit", r.Limit), ("texts", r.Texts)),
        GetState { Agent: { } agent } r => Get($"agents/{Escape(agent)}/state", ("observer", r.Observer), ("asOf", r.AsOf), ("close", r.Close)),
        GetState r => Get("state", ("observer", r.Observer), ("asOf", r.AsOf), ("close", r.Close)),
        ReplayLog r => Get("replay", ("observer", r.Observer), ("upTo", r.UpTo), ("close", r.Close)),
        GetForks r => Get("forks", ("observer", r.Observer)),
        GetClock r => Get("clock", ("observer", r.Observer)),
        GetLag r => Get("lag", ("observer", r.Observer), ("deadlineSeconds", r.DeadlineSeconds)),
        GetConvergence r => Get("convergence", ("observer", r.Observer), ("deadlineSeconds", r.DeadlineSeconds)),
        ExplainBelief r => Get(
            "why",
            ("observer", r.Observer), ("subject", r.Subject), ("field", r.Field), ("asOf", r.AsOf), ("deadlineSeconds", r.DeadlineSeconds)),
        GetDisagreements r => Get("disagreements", ("observer", r.Observer), ("deadlineSeconds", r.DeadlineSeconds)),
        ListTasks r => Get("tasks", ("observer", r.Observer), ("asOf", r.AsOf)),
        ListCommitments r => Get("commitments", ("observer", r.Observer), ("agent", r.Agent), ("asOf", r.AsOf)),
        ListQuestions r => Get("questions", ("observer", r.Observer), ("open", r.Open), ("asOf", r.AsOf)),
        ListSubscriptions r => Get($"agents/{Escape(r.Agent)}/subscriptions"),
        ExportLog r => Get("export", ("observer", r.Observer)),
        WriteEvent r => Append(r),
        SetGossip r => Post(
            r.Agent, $"agents/{Escape(r.Agent)}/gossip/{(r.Paused ? "pause" : "resume")}", new PeersBody(r.Peers), DoorJson.Default.PeersBody),
        MoveSubscription r => Put(
            r.Agent, $"agents/{Escape(r.Agent)}/subscriptions", new HandledBody(r.Subscription, r.Handled, r.From), DoorJson.Default.HandledBody),
        SteerSubscription r => Post(
            r.Agent,
            $"agents/{Escape(r.Agent)}/subscriptions/{(r.Skip ? "skip" : "retry")}",
            new StoppedBody(r.Subscription, r.Event, r.Reason),
            DoorJson.Default.StoppedBody),
        SpawnAgent r => Post(r.Agent, "agents", new NewcomerBody(r.Agent, r.Name, r.Role), DoorJson.Default.NewcomerBody),
        InviteAgent r => Post(r.Agent, "invitations", new InvitationBody(r.Agent, r.Name, r.Role, r.ValidDays), DoorJson.Default.InvitationBody),
        RekeyAgent r => Post(r.Agent, "rekeys", new RekeyBody(r.Agent, r.Lost), DoorJson.Default.RekeyBody),
        ImportHistories r => Post(
            r.Agent,
            "imports",
            new HistoriesBody(r.Agent, r.Format, r.Files, r.Pattern, r.AllowUnmatched, r.Again, r.Prefixed),
            DoorJson.Default.HistoriesBody),
        _ => throw new NotSupportedException($"The request {request.GetType().Name} has no HTTP route."),
    };

    private static HttpCall Filtered(string path, EventFilter? filter, params ReadOnlySpan<(string Name, object? Value)> query) => Get(
        path,
        [
            .. query,
            ("agent", filter?.Agents), ("type", filter?.Types), ("q", filter?.Text), ("since", filter?.Since), ("within", filter?.Within),
        ]);

    private static HttpCall Append(WriteEvent request)
    {
        var headers = new List<(string, string)>();
        if (request.IdempotencyKey is { } key) headers.Add(("Idempotency-Key", key));
        if (request.IfHead is { } head) headers.Add(("If-Match", $"\"{head}\""));
        var body = new EventBody(
            request.Type, request.Payload, request.TypeVersion, request.Causes, request.Subscription, request.Handled, request.From);
        return Post(request.Agent, $"agents/{Escape(request.Agent)}/events", body, DoorJson.Default.EventBody) with { Headers = headers };
    }
}
