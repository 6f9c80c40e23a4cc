using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Promises and whether they were kept: <c>commit</c>, <c>claim</c>, <c>withdraw</c>, <c>verify</c>, <c>dispute</c>,
/// <c>rule</c>, <c>commitments</c>.</summary>
internal static class CommitmentCommands
{
    /// <summary>Builds them, in the order a promise goes through them.</summary>
    public static IReadOnlyList<CliCommand> CreateAll(CommandHost host) =>
        [Commit(host), Claim(host), Verify(host), Dispute(host), Rule(host), Withdraw(host), List(host)];

    private static CliCommand Commit(CommandHost host)
    {
        var text = Arg.Required("text", "What is promised.");
        var task = Arg.Option<string>("--task", "TASK", "The task it is part of.");
        var to = Arg.Option<string>("--to", "AGENT", "To whom, if to anyone in particular.");
        var command = new CliCommand("commit", "Promise something.", "commit \"the gate is open by noon\" --task jake:4 --as gandalf") { text, task, to };
        host.Writes(command, (parse, agent) => Act.Commit(agent, parse.GetRequiredValue(text), parse.GetValue(task), parse.GetValue(to)), WrittenText.Show);
        return command;
    }

    private static CliCommand Claim(CommandHost host)
    {
        var commitment = Arg.Required("commitment", "The event that made it, e.g. gandalf:3.");
        var evidence = Arg.Optional("evidence", "Where to look.");
        var command = new CliCommand("claim", "Claim to have kept a promise.", "claim gandalf:3 \"see the west gate\" --as gandalf") { commitment, evidence };
        host.Writes(command, (parse, agent) => Act.Claim(agent, parse.GetRequiredValue(commitment), parse.GetValue(evidence)), WrittenText.Show);
        return command;
    }

    private static CliCommand Verify(CommandHost host)
    {
        var outcome = Arg.Required("outcome", "pass or fail.").AcceptOnly("pass", "fail");
        var claim = Arg.Required("claim", "The claim, or the commitment: then its current claim is meant.");
        var note = Arg.Optional("note", "What was checked.");
        var overrides = Arg.Options("--overrides", "EVENT", "Earlier verifications that this one knowingly overrides.");
        var command = new CliCommand(
            "verify",
            "Say whether a claim holds.",
            "verify pass gandalf:3 \"walked through it\" --as legolas",
            "verify fail gandalf:3 \"it is shut\" --as legolas")
        {
            Arguments = { outcome, claim, note },
            Options = { overrides },
            Details = "Only agents outside the claimant's own subtree count: nobody verifies himself.",
        };
        host.Writes(
            command,
            (parse, agent) => Act.Verify(agent, parse.GetRequiredValue(claim), parse.GetRequiredValue(outcome) is "pass", parse.GetValue(note), parse.GetValue(overrides)),
            WrittenText.Show);
        return command;
    }

    private static CliCommand Dispute(CommandHost host)
    {
        var commitment = Arg.Required("commitment", "The event that made it, e.g. gandalf:3.");
        var reason = Arg.Required("reason", "Why.");
        var command = new CliCommand("dispute", "Ask for a ruling on a commitment.", "dispute gandalf:3 \"Legolas tried the wrong gate\" --as gandalf") { commitment, reason };
        host.Writes(command, (parse, agent) => Act.Dispute(agent, parse.GetRequiredValue(commitment), parse.GetRequiredValue(reason)), WrittenText.Show);
        return command;
    }

    private static CliCommand Rule(CommandHost host)
    {
        var outcome = Arg.Required("outcome", "pass or fail.").AcceptOnly("pass", "fail");
        var claim = Arg.Required("claim", "The claim, or the commitment: then its current claim is meant.");
        var reason = Arg.Required("reason", "Why.");
        var command = new CliCommand("rule", "Decide a claim.", "rule pass gandalf:3 \"I tried it myself\" --as jake")
        {
            Arguments = { outcome, claim, reason },
            Details = "A ruling counts when it comes from a common ancestor of claimant and verifiers.",
        };
        host.Writes(
            command,
            (parse, agent) => Act.Rule(agent, parse.GetRequiredValue(claim), parse.GetRequiredValue(outcome) is "pass", parse.GetRequiredValue(reason)),
            WrittenText.Show);
        return command;
    }

    private static CliCommand Withdraw(CommandHost host)
    {
        var commitment = Arg.Required("commitment", "The event that made it, e.g. gandalf:3.");
        var reason = Arg.Optional("reason", "Why.");
        var command = new CliCommand("withdraw", "Take a promise back.", "withdraw gandalf:3 \"the gate is gone\" --as gandalf") { commitment, reason };
        host.Writes(command, (parse, agent) => Act.Withdraw(agent, parse.GetRequiredValue(commitment), parse.GetValue(reason)), WrittenText.Show);
        return command;
    }

    private static CliCommand List(CommandHost host)
    {
        var who = Arg.Optional("agent", "Only promises of this agent.");
        var (observer, asOf) = (Arg.Observer(), Arg.AsOf());
        var command = new CliCommand("commitments", "All promises; claimed and proven apart.", "commitments", "commitments gandalf --as-of -5m") { who, observer, asOf };
        host.Reads(
            command,
            parse => new ListCommitments(parse.GetValue(observer), parse.GetValue(who), parse.GetValue(asOf)),
            WorkText.ShowCommitments,
            answer => answer.Commitments);
        return command;
    }
}
