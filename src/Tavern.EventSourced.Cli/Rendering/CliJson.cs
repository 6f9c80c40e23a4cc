using System.Text.Json.Serialization;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Doctoring;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>The JSON form of answers that only the command gives.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FoundedAnswer))]
[JsonSerializable(typeof(InvitationWritten))]
[JsonSerializable(typeof(RecoveredAnswer))]
[JsonSerializable(typeof(NodeUp))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(FsckAnswer))]
[JsonSerializable(typeof(FsckFinding))]
[JsonSerializable(typeof(RepairAnswer))]
[JsonSerializable(typeof(BackupAnswer))]
[JsonSerializable(typeof(RestoreAnswer))]
[JsonSerializable(typeof(DoctorAnswer))]
[JsonSerializable(typeof(DoctorLine))]
[JsonSerializable(typeof(MigrationsAnswer))]
[JsonSerializable(typeof(MigrationStep))]
[JsonSerializable(typeof(SimulatedRun))]
[JsonSerializable(typeof(ListedScenarios))]
[JsonSerializable(typeof(ListedScenario))]
internal sealed partial class CliJson : JsonSerializerContext;
