using System.Reflection;
using System.Text;
using Tavern.EventSourced.Cli;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>All decoders, with what they need: a folder for those that read files, a node for those behind its API.</summary>
internal sealed class FuzzTargets : IAsyncDisposable
{
    private static readonly Assembly[] Assemblies = [typeof(EventRecord).Assembly, typeof(SqliteEventStore).Assembly, typeof(TavernNode).Assembly, typeof(CliException).Assembly];
    private static readonly string[] Names = ["Decode", "DecodeCall", "DecodeReply", "DecodeQuestion", "DecodeAnswer", "Parse", "ParseTrusted", "TryRead", "FromJson", "FromPem"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tavern-fuzz-").FullName;
    private readonly FuzzedApi _api;

    private FuzzTargets(FuzzedApi api) => _api = api;

    public IReadOnlyList<FuzzTarget> All => [.. Wire(), .. Records(), .. Texts(), .. Files(), FuzzedEngine.Target(), .. FuzzedHistories.Targets(), .. _api.Targets()];

    public static async Task<FuzzTargets> OpenAsync() => new(await FuzzedApi.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the source code says: methods with a decoder's name that take bytes or text, and readers of files.</summary>
    public static IEnumerable<string> DecodersInTheAssemblies() =>
        from assembly in Assemblies
        from type in assembly.GetTypes()
        where type.Namespace is { } room && room.StartsWith("Tavern", StringComparison.Ordinal) && !room.EndsWith(".Format", StringComparison.Ordinal)
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where method.IsPublic || method.IsAssembly
        where Names.Contains(method.Name) ? TakesInput(method) : method.Name is "Read" or "Find" && (type.Name.EndsWith("File", StringComparison.Ordinal) || type == typeof(Invitation))
        select $"{type.Name}.{method.Name}";

    private static bool TakesInput(MethodInfo method) => method.GetParameters() is [{ ParameterType: var first }, ..]
        && (first == typeof(string) || first == typeof(ReadOnlySpan<byte>) || first == typeof(ReadOnlyMemory<byte>) || first == typeof(EventRecord));

    private static IEnumerable<FuzzTarget> Wire() =>
    [
        FuzzTarget.Of("GossipCodec.DecodeCall", random => GossipCodec.EncodeCall(new RandomMessages(random).Call()), bytes => GossipCodec.DecodeCall(bytes), typeof(MalformedMessageException)),
        FuzzTarget.Of("GossipCodec.DecodeReply", random => GossipCodec.EncodeReply(new RandomMessages(random).Reply()), bytes => GossipCodec.DecodeReply(bytes), typeof(MalformedMessageException)),
        FuzzTarget.Of("ProofCodec.Decode", FuzzInputs.Proof, bytes => ProofCodec.Decode(bytes), typeof(MalformedMessageException)),
        FuzzTarget.Of("KeyTrail.Follow", FuzzInputs.Trail, FuzzInputs.Follow, typeof(MalformedMessageException), typeof(FormatException)),
        FuzzTarget.Of("AskCodec.DecodeQuestion", FuzzInputs.Question, bytes => AskCodec.DecodeQuestion(bytes), typeof(MalformedAskException)),
        FuzzTarget.Of(
            "AskCodec.DecodeAnswer",
            FuzzInputs.Answer,
            bytes =>
            {
                // The same bytes as an answer to each kind of question; one that fits none is refused.
                MalformedAskException? refused = null;
                var fits = false;
                foreach (var question in FuzzInputs.Questions)
                {
                    try
                    {
                        AskCodec.DecodeAnswer(bytes, question, FuzzInputs.Jake);
                        fits = true;
                    }
                    catch (MalformedAskException e)
                    {
                        refused = e;
                    }
                }

                if (!fits) throw refused!;
            },
            typeof(MalformedAskException)),
    ];

    private static IEnumerable<FuzzTarget> Records() =>
    [
        FuzzTarget.Of("EventHeader.Decode", random => new RandomMessages(random).Segment().Records[0].HeaderBytes.ToArray(), bytes => EventHeader.Decode(bytes), typeof(MalformedRecordException)),
        FuzzTarget.Of("EventRecord.Parse", FuzzInputs.Record, bytes => FuzzInputs.Split(bytes, EventRecord.Parse), typeof(MalformedRecordException)),
        FuzzTarget.Of("EventRecord.ParseTrusted", FuzzInputs.Record, bytes => FuzzInputs.Split(bytes, (header, payload) => EventRecord.ParseTrusted(header, payload, default)), typeof(MalformedRecordException)),
        FuzzTarget.Of("EventCatalogue.TryRead", FuzzInputs.Body, bytes => FuzzInputs.ReadBody(bytes), typeof(FormatException)),
        FuzzTarget.Of("Voucher.From", FuzzInputs.Spawn, bytes => FuzzInputs.ReadVoucher(bytes), typeof(FormatException)),
        FuzzTarget.Of("EcdsaVerifier.Verify", FuzzInputs.Signed, FuzzInputs.Verify, typeof(FormatException)),
    ];

    private static IEnumerable<FuzzTarget> Texts() =>
    [
        FuzzTarget.Of("PointSyntax.Parse", FuzzInputs.Point, bytes => PointSyntax.Parse(FuzzInputs.Text(bytes)), typeof(PointSyntaxException)),
        FuzzTarget.Of("EventId.Parse", FuzzInputs.Id, bytes => EventId.Parse(FuzzInputs.Text(bytes)), typeof(FormatException)),
        FuzzTarget.Of("AgentId.Parse", _ => "0000000000000000000000000000002a"u8.ToArray(), bytes => AgentId.Parse(FuzzInputs.Text(bytes)), typeof(FormatException)),
        FuzzTarget.Of("Hash.Parse", _ => Encoding.ASCII.GetBytes(Hash.Of("x"u8).ToString()), bytes => Hash.Parse(FuzzInputs.Text(bytes)), typeof(FormatException)),
        FuzzTarget.Of("StoreFile.Parse", _ => "Host=localhost;Username=tavern;Search Path=inn"u8.ToArray(), bytes => StoreFile.Parse(FuzzInputs.Text(bytes), "jake"), typeof(ArgumentException)),
        FuzzTarget.Of("EcdsaSigner.FromPem", FuzzInputs.Pem, bytes => EcdsaSigner.FromPem(FuzzInputs.Text(bytes)).Dispose(), typeof(ArgumentException)),
    ];

    private IEnumerable<FuzzTarget> Files() =>
    [
        File("Invitation.Read", "some.invitation", _ => _api.Invitation, () => Invitation.Read(Path.Combine(_folder, "some.invitation")), typeof(NodeFileException)),
        FuzzTarget.Of("Invitation.FromJson", _ => _api.Invitation, bytes => Invitation.FromJson(bytes), typeof(NodeFileException)),
        File("TavernFile.Read", "tavern.json", FuzzInputs.TavernFile, () => TavernFile.Read(_folder), typeof(NodeFileException)),
        FuzzTarget.Of("TavernFile.Parse", FuzzInputs.TavernFile, bytes => TavernFile.Parse(bytes, "tavern.json"), typeof(NodeFileException)),
        FuzzTarget.Of("BackupManifest.FromJson", FuzzInputs.BackupManifest, bytes => BackupManifest.FromJson(bytes), typeof(FormatException)),
        FuzzTarget.Of("RowCodec.Decode", FuzzInputs.Row, FuzzInputs.ReadRow, typeof(FormatException)),
        new FuzzTarget("BackupFile.ReadAsync", FuzzInputs.Backup, FuzzInputs.ReadBackupAsync, typeof(StoreRefusedException)),
        File("StoreFile.Find", "store.json", _ => """{"version":1,"connection":"Host=localhost;Username=tavern","schema":"tavern_inn"}"""u8.ToArray(), () => StoreFile.Find(_folder), typeof(NodeFileException)),
        File("NodeFile.Find", NodeFile.Name, _ => """{"schema":1,"pid":42,"api":"http://127.0.0.1:1","gossip":null,"startedAt":"2026-11-22T09:14:00Z"}"""u8.ToArray(), () => NodeFile.Find(_folder)),
        File("ConfigFile.Read", "config.json", _ => """{"as":"gandalf","data":"/tmp/x","output":"json"}"""u8.ToArray(), () => ConfigFile.Read(Path.Combine(_folder, "config.json")), typeof(CliException)),
    ];

    private FuzzTarget File(string decoder, string name, Func<SplitMix64, byte[]> sound, Func<object?> read, params Type[] refusals) => FuzzTarget.Of(
        decoder,
        sound,
        bytes =>
        {
            System.IO.File.WriteAllBytes(Path.Combine(_folder, name), bytes);
            read();
        },
        refusals);
}
