using MediatR;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>All handlers over one node: the one place where they are put together.</summary>
public static class RequestHandlers
{
    /// <summary>Carries out requests on a node. Only doors send.</summary>
    public static IMediator Over(TavernNode node)
    {
        var observers = new Observers(node);
        var others = new Others(observers);
        object[] handlers =
        [
            new GetStatusHandler(observers, others),
            new GetAgentsHandler(observers),
            new ShowAgentHandler(observers),
            new GetRecordHandler(observers),
            new ShowEventHandler(observers, others),
            new ReadLogHandler(observers),
            new TailLogHandler(observers),
            new ExportLogHandler(observers),
            new GetCausesHandler(observers),
            new GetEffectsHandler(observers),
            new GetRelationHandler(observers),
            new GetStateHandler(observers),
            new ReplayLogHandler(observers),
            new GetForksHandler(observers),
            new GetClockHandler(observers),
            new GetLagHandler(observers, others),
            new GetConvergenceHandler(observers, others),
            new ExplainBeliefHandler(observers, others),
            new GetSpreadHandler(observers, others),
            new GetKnowersHandler(observers, others),
            new GetDisagreementsHandler(observers, others),
            new ListTasksHandler(observers),
            new ListCommitmentsHandler(observers),
            new ListQuestionsHandler(observers),
            new WriteEventHandler(observers),
            new ListSubscriptionsHandler(observers),
            new MoveSubscriptionHandler(observers),
            new SteerSubscriptionHandler(observers),
            new SetGossipHandler(observers),
            new SpawnAgentHandler(observers),
            new InviteAgentHandler(observers),
            new RekeyAgentHandler(observers),
            new ImportHistoriesHandler(observers),
        ];
        var byRequest = handlers.SelectMany(handler => handler.GetType().GetInterfaces().Select(request => (request, handler)))
            .ToDictionary(pair => pair.request, pair => pair.handler);
        return new Mediator(service => byRequest.TryGetValue(service, out var handler) ? handler
            : service.IsGenericType && service.GetGenericTypeDefinition() == typeof(IEnumerable<>)
                ? Array.CreateInstance(service.GetGenericArguments()[0], 0) // no pipeline
            : throw new InvalidOperationException($"Nobody handles {service}."));
    }
}
