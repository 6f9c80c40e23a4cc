using System.Text.Json.Serialization;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>The JSON form of answers and requests, the same at every door: camelCase, nulls written, so that keys are stable.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(AgentsAnswer))]
[JsonSerializable(typeof(AgentAnswer))]
[JsonSerializable(typeof(EventAnswer))]
[JsonSerializable(typeof(RecordAnswer))]
[JsonSerializable(typeof(LogAnswer))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(CausesAnswer))]
[JsonSerializable(typeof(RelationAnswer))]
[JsonSerializable(typeof(ForksAnswer))]
[JsonSerializable(typeof(StateAnswer))]
[JsonSerializable(typeof(ReplayAnswer))]
[JsonSerializable(typeof(ClockAnswer))]
[JsonSerializable(typeof(LagAnswer))]
[JsonSerializable(typeof(WhyAnswer))]
[JsonSerializable(typeof(SpreadAnswer))]
[JsonSerializable(typeof(KnowersAnswer))]
[JsonSerializable(typeof(DisagreementsAnswer))]
[JsonSerializable(typeof(GossipAnswer))]
[JsonSerializable(typeof(ConvergenceAnswer))]
[JsonSerializable(typeof(TasksAnswer))]
[JsonSerializable(typeof(CommitmentsAnswer))]
[JsonSerializable(typeof(QuestionsAnswer))]
[JsonSerializable(typeof(SubscriptionsAnswer))]
[JsonSerializable(typeof(WrittenAnswer))]
[JsonSerializable(typeof(SpawnedAnswer))]
[JsonSerializable(typeof(InvitedAnswer))]
[JsonSerializable(typeof(ImportedAnswer))]
[JsonSerializable(typeof(Problem))]
public sealed partial class AnswerJson : JsonSerializerContext;
