using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

public class TalkRuleTests
{
    private readonly TestTavern _tavern = new(seed: 5);
    private readonly TestAgent _jake;
    private readonly TestAgent _gandalf;
    private readonly TestAgent _frodo;

    public TalkRuleTests()
    {
        _jake = _tavern.Jake;
        (_gandalf, _frodo) = (_jake.Spawn("gandalf"), _jake.Spawn("frodo"));
    }

    [Fact, Trait("Rule", RuleIds.QuestionRaised)]
    public void A_question_is_open_until_it_is_answered()
    {
        var id = _gandalf.Write(new QuestionRaised("Where is the ring?", [_frodo.Id]));
        var question = _tavern.View().Questions[id];
        question.Text.Says("Where is the ring?", id, RuleIds.QuestionRaised);
        question.State.Says(QuestionState.Open, id, RuleIds.QuestionRaised);
        Assert.Equal(_frodo.Id, Assert.Single(question.To));
    }

    [Fact, Trait("Rule", RuleIds.QuestionAnswer)]
    public void Of_concurrent_answers_an_addressees_counts_first()
    {
        var id = _gandalf.Write(new QuestionRaised("Where is the ring?", [_frodo.Id]));
        _frodo.Hear(_gandalf);
        var addressed = _frodo.Write(new QuestionAnswered(id, "In my pocket"));
        for (var i = 0; i < 3; i++) _jake.Hear(_gandalf).Write(new StatusReported(AgentActivity.Idle));
        _jake.Write(new QuestionAnswered(id, "On the bar"));
        var question = _tavern.View().Questions[id];
        question.Answer.Says(new Answer(_frodo.Id, "In my pocket", Addressed: true), addressed, RuleIds.QuestionAnswer, contested: true);
        Assert.Equal(QuestionState.Answered, question.State.Value);
    }

    [Fact, Trait("Rule", RuleIds.QuestionWithdraw)]
    public void The_asker_and_its_ancestors_withdraw_a_question_for_good()
    {
        var id = _gandalf.Write(new QuestionRaised("Where is the ring?"));
        var byStranger = _frodo.Hear(_gandalf).Write(new QuestionWithdrawn(id));
        _tavern.View().Ignores(byStranger, RuleIds.QuestionWithdraw);
        var byAncestor = _jake.Hear(_gandalf).Write(new QuestionWithdrawn(id));
        _frodo.Hear(_jake).Write(new QuestionAnswered(id, "Too late"));
        var question = _tavern.View().Questions[id];
        question.State.Says(QuestionState.Withdrawn, byAncestor, RuleIds.QuestionWithdraw);
        Assert.Equal("Too late", question.Answer!.Value.Text);
    }

    [Fact, Trait("Rule", RuleIds.DiscoveryTopic)]
    public void The_last_discovery_of_a_topic_counts_and_others_are_listed()
    {
        _gandalf.Write(new DiscoveryShared("warm", "weather"));
        var last = _frodo.Hear(_gandalf).Write(new DiscoveryShared("cold", "weather"));
        var free = _frodo.Write(new DiscoveryShared("Elves exist"));
        var view = _tavern.View();
        view.Topics["weather"].Says("cold", last, RuleIds.DiscoveryTopic);
        Assert.Equal([new DiscoveryView(free, "Elves exist")], view.Discoveries.Items);
    }

    [Fact, Trait("Rule", RuleIds.MessageKept)]
    public void The_last_thousand_messages_are_listed()
    {
        var drafts = Enumerable.Range(1, 1002).Select(i => (TavernEvent)new MessageSent($"{i}", [_frodo.Id])).ToArray();
        var last = _gandalf.Write(drafts);
        var view = _tavern.View();
        Assert.Equal((1000, 1002), (view.Messages.Count, view.Messages.Total));
        Assert.Equal("3", view.Messages.Items.First().Text);
        Assert.Equal((last, _frodo.Id), (view.Messages.Items.Last().Id, view.Messages.Items.Last().To.Single()));
    }
}
