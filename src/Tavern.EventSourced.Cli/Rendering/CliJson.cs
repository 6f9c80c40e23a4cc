using System.Text.Json.Serialization;
using Tavern.EventSourced.Node.Checking;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>The JSON form of answers that only the command gives.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FoundedAnswer))]
[JsonSerializable(typeof(InvitationWritten))]
[JsonSerializable(typeof(NodeUp))]
[JsonSerializable(typeof(FsckAnswer))]
[JsonSerializable(typeof(FsckFinding))]
internal sealed partial class CliJson : JsonSerializerContext;
