using Tavern.EventSourced.Cli.Demo;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>All commands, by what people want.</summary>
internal static class CommandTree
{
    /// <summary>Builds them, in the order help shows them.</summary>
    public static IReadOnlyList<CommandGroup> Build(CommandHost host) =>
    [
        new("Begin", [DemoCommand.Create(host), InitCommand.Create(host), NodeCommand.Create(host), SpawnCommand.Create(host), JoinCommand.Create(host), RetireCommand.Create(host)]),
        new("Look", [ReadingCommands.Status(host), ReadingCommands.Agents(host), ShowCommand.Create(host), LogCommand.Create(host), TailCommand.Create(host)]),
        new("Ask why",
        [
            WhyCommand.Create(host), SpreadCommands.Disagreements(host), SpreadCommands.Told(host), SpreadCommands.WhoKnows(host), ReadingCommands.Lag(host),
            CauseCommands.Causes(host), CauseCommands.Effects(host), CauseCommands.Relation(host),
        ]),
        new("Work", [ReportCommand.Create(host), TaskCommand.Create(host), .. CommitmentCommands.CreateAll(host)]),
        new("Talk", TalkCommands.CreateAll(host)),
        new("Travel in time", [StateCommand.Create(host), ReplayCommand.Create(host), ReadingCommands.Clock(host), ExportCommand.Create(host), ImportCommand.Create(host)]),
        new("Gossip", [GossipCommand.Create(host), WaitCommand.Create(host)]),
        new("Care",
        [
            ReadyCommand.Create(host), FsckCommand.Create(host), DoctorCommand.Create(host), BackupCommand.Create(host), RestoreCommand.Create(host), RekeyCommand.Create(host), EndorseCommand.Create(host), RecoverCommand.Create(host),
            MigrateCommand.Create(host), SimulateCommand.Create(host),
        ]),
    ];
}
