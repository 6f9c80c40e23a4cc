namespace Tavern.EventSourced.Views;

/// <summary>Ids of the rules by which the built-in fold decides. They are stable: people and tools quote them. RULES.md says what
/// each one means.</summary>
public static class RuleIds
{
#pragma warning disable CS1591 // RULES.md documents them, and a test compares the two.
    public const string TavernFoundedOnce = "tavern/founded-once";
    public const string WriterNotSpawned = "writer/not-spawned";
    public const string EventUnknownType = "event/unknown-type";
    public const string EventUnreadable = "event/unreadable";
    public const string ReferenceInPast = "reference/in-past";

    public const string SpawnKey = "spawn/key";
    public const string SpawnOneParent = "spawn/one-parent";
    public const string NameFirst = "name/first";
    public const string NameValid = "name/valid";
    public const string RetireSelfOrAncestor = "retire/self-or-ancestor";
    public const string RetireLate = "retire/late";
    public const string RekeyAncestor = "rekey/ancestor";
    public const string EpochFirstRecord = "epoch/first-record";
    public const string EpochSuperseded = "epoch/superseded";
    public const string EpochEndorsedAfterFork = "epoch/endorsed-after-fork";
    public const string ForkTwoRecords = "fork/two-records";
    public const string ForkQuarantined = "fork/quarantined";

    public const string StateSpawned = "state/spawned";
    public const string StateLastSaid = "state/last-said";
    public const string StateRetired = "state/retired";
    public const string NoteLastSaid = "note/last-said";
    public const string WorkingOnLastSaid = "working-on/last-said";
    public const string EndpointLastSaid = "endpoint/last-said";
    public const string CompleteAllVerified = "complete/all-verified";

    public const string TaskTitle = "task/title";
    public const string TaskAssign = "task/assign";
    public const string TaskStart = "task/start";
    public const string TaskWorker = "task/worker";
    public const string TaskState = "task/state";
    public const string TaskProgress = "task/progress";
    public const string TaskResult = "task/result";
    public const string TaskCancel = "task/cancel";
    public const string TaskCancelledFinal = "task/cancelled-final";

    public const string CommitmentMade = "commitment/made";
    public const string CommitmentOwner = "commitment/owner";
    public const string CommitmentLastClaim = "commitment/last-claim";
    public const string CommitmentWithdrawn = "commitment/withdrawn";
    public const string VerifyOutsideSubtree = "verify/outside-subtree";
    public const string VerifyCurrentClaim = "verify/current-claim";
    public const string VerifyOverride = "verify/override";
    public const string VerifyFailedWins = "verify/failed-wins";
    public const string DisputeOpen = "dispute/open";
    public const string RulingCommonAncestor = "ruling/common-ancestor";
    public const string RulingNearest = "ruling/nearest";

    public const string QuestionRaised = "question/raised";
    public const string QuestionAnswer = "question/answer";
    public const string QuestionWithdraw = "question/withdraw";
    public const string DiscoveryTopic = "discovery/topic";
    public const string MessageKept = "message/kept";

    public const string HistoryFirstRecord = "history/first-record";
#pragma warning restore CS1591
}
