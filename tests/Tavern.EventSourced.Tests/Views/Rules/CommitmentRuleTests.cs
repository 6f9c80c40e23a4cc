using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

/// <summary>jake spawned boss and gimli; boss spawned gandalf and legolas; gandalf spawned frodo. Gandalf promises.</summary>
public class CommitmentRuleTests
{
    private const VerificationOutcome Pass = VerificationOutcome.Pass;
    private const VerificationOutcome Fail = VerificationOutcome.Fail;

    private readonly TestTavern _tavern = new(seed: 4);
    private readonly TestAgent _jake;
    private readonly TestAgent _boss;
    private readonly TestAgent _gimli;
    private readonly TestAgent _gandalf;
    private readonly TestAgent _legolas;
    private readonly TestAgent _frodo;
    private readonly EventId _id;

    public CommitmentRuleTests()
    {
        _jake = _tavern.Jake;
        (_boss, _gimli) = (_jake.Spawn("boss"), _jake.Spawn("gimli"));
        (_gandalf, _legolas) = (_boss.Spawn("gandalf"), _boss.Spawn("legolas"));
        _frodo = _gandalf.Spawn("frodo");
        _id = _gandalf.Write(new CommitmentMade("You shall not pass"));
    }

    private CommitmentView Commitment => _tavern.View().Commitments[_id];

    [Fact, Trait("Rule", RuleIds.CommitmentMade)]
    public void A_commitment_is_made_until_it_is_claimed()
    {
        Commitment.Text.Says("You shall not pass", _id, RuleIds.CommitmentMade);
        Commitment.State.Says(CommitmentState.Made, _id, RuleIds.CommitmentMade);
    }

    [Fact, Trait("Rule", RuleIds.CommitmentOwner)]
    public void Only_its_owner_claims_or_withdraws_a_commitment()
    {
        var (claim, withdrawal) = (_boss.Hear(_gandalf).Write(new CommitmentClaimed(_id)), _boss.Write(new CommitmentWithdrawn(_id)));
        _tavern.View().Ignores(claim, RuleIds.CommitmentOwner);
        _tavern.View().Ignores(withdrawal, RuleIds.CommitmentOwner);
    }

    [Fact, Trait("Rule", RuleIds.CommitmentLastClaim)]
    public void A_new_claim_voids_older_judgements_and_disputes()
    {
        var first = Claim();
        var dispute = _frodo.Hear(_gandalf).Write(new CommitmentDisputed(_id, "He did not"));
        Verify(_legolas, first, Fail);
        Ruling(_boss, first, Fail);
        _gandalf.Hear(_frodo).Hear(_legolas).Hear(_boss);
        var second = Claim();
        Commitment.State.Says(CommitmentState.Claimed, second, RuleIds.CommitmentLastClaim);
        Assert.NotEqual(dispute, Commitment.State.DecidedBy);
        Assert.Empty(Commitment.Verifications);
        Assert.Empty(Commitment.Rulings);
    }

    [Fact, Trait("Rule", RuleIds.CommitmentWithdrawn)]
    public void A_withdrawn_commitment_cannot_be_claimed()
    {
        var withdrawal = _gandalf.Write(new CommitmentWithdrawn(_id, "too old"));
        var claim = Claim();
        Commitment.State.Says(CommitmentState.Withdrawn, withdrawal, RuleIds.CommitmentWithdrawn);
        _tavern.View().Ignores(claim, RuleIds.CommitmentWithdrawn);
    }

    [Fact, Trait("Rule", RuleIds.VerifyOutsideSubtree)]
    public void Verifications_from_inside_the_owners_subtree_are_ignored()
    {
        var claim = Claim();
        var (own, byChild) = (_gandalf.Write(new VerificationRecorded(claim, Pass)), Verify(_frodo, claim, Pass));
        _tavern.View().Ignores(own, RuleIds.VerifyOutsideSubtree);
        _tavern.View().Ignores(byChild, RuleIds.VerifyOutsideSubtree);
        Commitment.State.Says(CommitmentState.Claimed, claim, RuleIds.CommitmentLastClaim);
        var byPeer = Verify(_legolas, claim, Pass);
        Commitment.State.Says(CommitmentState.Verified, byPeer, RuleIds.VerifyFailedWins);
    }

    [Fact, Trait("Rule", RuleIds.VerifyCurrentClaim)]
    public void Judgements_of_an_older_claim_are_ignored()
    {
        var first = Claim();
        _legolas.Hear(_gandalf);
        var second = Claim();
        for (var i = 0; i < 3; i++) _legolas.Write(new StatusReported(AgentActivity.Idle)); // after the second claim in canonical order
        var late = Verify(_legolas, first, Pass, hear: false);
        _tavern.View().Ignores(late, RuleIds.VerifyCurrentClaim);
        Commitment.State.Says(CommitmentState.Claimed, second, RuleIds.CommitmentLastClaim);
    }

    [Fact, Trait("Rule", RuleIds.VerifyOverride)]
    public void A_pass_overrides_a_fail_by_naming_it()
    {
        var claim = Claim();
        var fail = Verify(_legolas, claim, Fail);
        var pass = _gimli.Hear(_legolas).Write(new VerificationRecorded(claim, Pass, null, [fail]));
        Commitment.State.Says(CommitmentState.Verified, pass, RuleIds.VerifyOverride);
    }

    [Fact, Trait("Rule", RuleIds.VerifyOverride)]
    public void A_verifier_overrides_itself()
    {
        var claim = Claim();
        Verify(_legolas, claim, Fail);
        var pass = Verify(_legolas, claim, Pass);
        Commitment.State.Says(CommitmentState.Verified, pass, RuleIds.VerifyOverride);
    }

    [Fact, Trait("Rule", RuleIds.VerifyOverride)]
    public void Naming_a_fail_that_was_not_heard_of_overrides_nothing()
    {
        var claim = Claim();
        var fail = Verify(_legolas, claim, Fail);
        for (var i = 0; i < 3; i++) _gimli.Hear(_gandalf).Write(new StatusReported(AgentActivity.Idle));
        _gimli.Write(new VerificationRecorded(claim, Pass, null, [fail]));
        Commitment.State.Says(CommitmentState.Failed, fail, RuleIds.VerifyFailedWins, contested: true);
    }

    [Fact, Trait("Rule", RuleIds.VerifyFailedWins)]
    public void One_fail_is_enough_even_before_a_pass_that_knows_it()
    {
        var claim = Claim();
        var fail = Verify(_legolas, claim, Fail);
        _gimli.Hear(_legolas);
        var pass = Verify(_gimli, claim, Pass);
        Commitment.State.Says(CommitmentState.Failed, fail, RuleIds.VerifyFailedWins, contested: true);
        Assert.Equal([fail, pass], Commitment.State.Candidates.Select(candidate => candidate.Event));
    }

    [Fact, Trait("Rule", RuleIds.DisputeOpen)]
    public void A_dispute_is_open_until_a_ruling_that_knows_it()
    {
        var claim = Claim();
        Verify(_legolas, claim, Pass);
        var dispute = _gimli.Hear(_gandalf).Write(new CommitmentDisputed(_id, "I saw it pass"));
        Ruling(_boss, claim, Pass); // did not hear of the dispute
        Commitment.State.Says(CommitmentState.Disputed, dispute, RuleIds.DisputeOpen);
        _boss.Hear(_gimli);
        var ruling = Ruling(_boss, claim, Pass);
        Commitment.State.Says(CommitmentState.Verified, ruling, RuleIds.RulingNearest);
    }

    [Fact, Trait("Rule", RuleIds.RulingCommonAncestor)]
    public void A_ruling_counts_from_a_strict_ancestor_of_owner_and_verifiers()
    {
        var claim = Claim();
        var (byOwner, byPeer) = (Ruling(_gandalf, claim, Pass), Ruling(_legolas, claim, Pass));
        _tavern.View().Ignores(byOwner, RuleIds.RulingCommonAncestor);
        _tavern.View().Ignores(byPeer, RuleIds.RulingCommonAncestor);
        var byGimli = Verify(_gimli, claim, Fail);
        Ruling(_boss, claim, Pass); // is not above gimli
        Commitment.State.Says(CommitmentState.Failed, byGimli, RuleIds.VerifyFailedWins);
        var byRoot = Ruling(_jake, claim, Pass);
        Commitment.State.Says(CommitmentState.Verified, byRoot, RuleIds.RulingNearest);
    }

    [Fact, Trait("Rule", RuleIds.RulingCommonAncestor)]
    public void Where_nobody_is_above_all_verifiers_failed_stands()
    {
        var claim = Claim();
        var byRoot = Verify(_jake, claim, Fail);
        Ruling(_boss, claim, Pass);
        Ruling(_jake, claim, Pass); // judges its own verification
        Commitment.State.Says(CommitmentState.Failed, byRoot, RuleIds.VerifyFailedWins);
    }

    [Fact, Trait("Rule", RuleIds.RulingNearest)]
    public void The_nearest_ancestors_last_ruling_counts()
    {
        var claim = Claim();
        Verify(_legolas, claim, Pass);
        Ruling(_boss, claim, Pass);
        var nearest = Ruling(_boss, claim, Fail);
        _jake.Hear(_boss);
        Ruling(_jake, claim, Pass);
        Commitment.State.Says(CommitmentState.Failed, nearest, RuleIds.RulingNearest);
    }

    private EventId Claim() => _gandalf.Write(new CommitmentClaimed(_id, "look"));

    private EventId Verify(TestAgent agent, EventId claim, VerificationOutcome outcome, bool hear = true) =>
        (hear ? agent.Hear(_gandalf) : agent).Write(new VerificationRecorded(claim, outcome));

    private EventId Ruling(TestAgent agent, EventId claim, VerificationOutcome outcome) =>
        agent.Hear(_gandalf).Write(new RulingMade(claim, outcome, "so be it"));
}
