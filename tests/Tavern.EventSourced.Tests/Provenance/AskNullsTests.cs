using System.Text.Json.Serialization.Metadata;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>Nulls are not written, so no field that may be null can be required of whoever reads.</summary>
public class AskNullsTests
{
    [Fact]
    public void An_account_that_holds_nothing_yet_is_read_as_it_was_written()
    {
        var agent = new AgentId(7);
        var account = new BeliefAccount(VectorClock.Empty, 0, null, null)
        {
            Past = new PastBelief(VectorClock.Empty, null, null),
            Links = [new LinkState(agent, LinkCondition.Working, null)],
        };
        var read = AskCodec.DecodeAnswer(
            AskCodec.Encode(new AskAnswer.Belief(account)), new AskQuestion.Belief(agent, "task", VectorClock.Empty), agent);
        var told = Assert.IsType<AskAnswer.Belief>(read).Account;
        Assert.Equal((null, null, account.Past, account.Links[0].LastSuccess), (told.Belief, told.DecidedAt, told.Past, told.Links[0].LastSuccess));
    }

    [Theory]
    [InlineData(typeof(AskAnswer))]
    [InlineData(typeof(AskQuestion))]
    public void Nothing_that_may_be_null_is_required(Type root)
    {
        var (seen, waiting, flaws) = (new HashSet<Type>(), new Queue<Type>([root]), new List<string>());
        while (waiting.TryDequeue(out var type))
        {
            if (!seen.Add(type) || AskJson.Default.GetTypeInfo(type) is not { } info) continue;
            foreach (var derived in info.PolymorphismOptions?.DerivedTypes ?? []) waiting.Enqueue(derived.DerivedType);
            if (info.Kind is JsonTypeInfoKind.Enumerable) waiting.Enqueue(info.ElementType!);
            foreach (var property in info.Properties)
            {
                waiting.Enqueue(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
                if (property.IsRequired && property.IsGetNullable && (!property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null))
                    flaws.Add($"{type.Name}.{property.Name}");
            }
        }

        Assert.True(seen.Count > 4, "nothing was looked at");
        Assert.Empty(flaws);
    }
}
