using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Writes JSON that is passed on as it is.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonElementJson : JsonSerializerContext;
