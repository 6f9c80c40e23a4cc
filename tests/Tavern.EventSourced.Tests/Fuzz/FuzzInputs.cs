using System.Collections.Immutable;
using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Tests.Events;
using Tavern.EventSourced.Tests.Provenance;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>Sound inputs of every kind, for the fuzzer to spoil.</summary>
internal static class FuzzInputs
{
    public static readonly AgentId Jake = Cast.Jake;

    public static readonly ImmutableArray<AskQuestion> Questions =
    [
        new AskQuestion.Clock(), new AskQuestion.Belief(Cast.Gandalf, "state"),
        new AskQuestion.Belief(Cast.Gandalf, "state", Cast.Clock(Jake.At(80), Cast.Gandalf.At(4, 2))),
        new AskQuestion.Delivery(Cast.Gandalf.At(42)), new AskQuestion.Head(Cast.Gandalf.At(1).Chain),
    ];

    private static readonly string[] Points =
    [
        "gandalf:42", "gandalf@2:42", "gandalf", "gandalf:42~3", "gandalf:42^", "jake:80,gandalf:41", "jake/gandalf", "jake:80/gandalf", "-5m", "2026-11-22T09:14Z",
        "jake:1..jake:80", "jake:80...gandalf:41", "gandalf~3f2a:7", "0000000000000000000000000000002a:1",
    ];

    private static readonly EcdsaSigner Signer = EcdsaSigner.Create();

    private static readonly KeyHistory Keys = KeyHistory.WithAllGiven();

    /// <summary>Bytes as a program reads text that somebody typed or sent.</summary>
    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    public static byte[] Proof(SplitMix64 random) => ProofCodec.Encode(random.Below(4) switch
    {
        0 => new ProofMessage.Refused("nobody vouches for you"),
        1 => new ProofMessage.Accepted(),
        _ => new ProofMessage.Proof(7, [new AgentProof(Jake, Signer.PublicKey, Signer.Sign("x"u8)), new AgentProof(Cast.Gandalf, Signer.PublicKey, new byte[64])]) { Trail = Keys.TrailOf(KeyHistory.Frodo, KeyHistory.Stranger) },
    });

    /// <summary>A proof whose trail is sound.</summary>
    public static byte[] Trail(SplitMix64 _) => ProofCodec.Encode(new ProofMessage.Proof(7, []) { Trail = Keys.TrailOf(KeyHistory.Frodo, KeyHistory.Stranger) });

    /// <summary>Whatever a spoiled trail shows, it gives nobody a key that the sound one does not.</summary>
    public static void Follow(byte[] bytes)
    {
        if (ProofCodec.Decode(bytes) is not ProofMessage.Proof proof || Keys.Follow(proof.Trail) is not TrailFinding.Followed(var trail)) throw new FormatException("No.");
        foreach (var (rekey, _) in trail.Grants)
        {
            if (!KeyHistory.Given.Any(given => given.Agent.Agent == rekey.Agent && given.Key.PublicKey.Span.SequenceEqual(rekey.PublicKey.Span)))
                throw new InvalidOperationException($"{rekey.Agent} was given a key that nobody gave it.");
        }
    }

    public static byte[] Question(SplitMix64 random) => AskCodec.Encode(Questions[random.Below(Questions.Length)]);

    public static byte[] Answer(SplitMix64 random)
    {
        var account = WhyTests.Behind.ObserverAccount! with
        {
            Links = [new LinkState(Cast.Gandalf, LinkCondition.Unreachable, Cast.Ago(4), Cast.Failure(Jake, Cast.Gandalf, ReceiptOutcome.Unreachable, "no answer")) { Awaited = [new EventRange(Cast.Gandalf.At(1).Chain, 42, 43)] }],
            HeldBack = [new HeldBackEvents(new EventRange(Cast.Gandalf.At(1).Chain, 42, 43), Cast.Frodo.At(7), Cast.Legolas, Cast.Ago(1))],
        };
        var run = new Run(Jake, 12, Cast.Gandalf.At(1).Chain, 40, 42, 2, 7);
        AskAnswer[] answers =
        [
            new AskAnswer.Clock(Cast.Clock(Jake.At(80), Cast.Gandalf.At(41)), 121), new AskAnswer.Belief(account),
            new AskAnswer.Delivered(run, new Receipt(Jake, 7, Cast.Frodo, ulong.MaxValue, DeliveryMode.Local, Cast.Now, 99, ReceiptOutcome.Delivered), Cast.Now),
            new AskAnswer.NotDelivered(41, account.HeldBack[0], null), new AskAnswer.Head(Cast.Gandalf.At(1).Chain, 42, Hash.Of("x"u8)), new AskAnswer.CannotAnswer("not here"),
        ];
        return AskCodec.Encode(answers[random.Below(answers.Length)]);
    }

    public static byte[] Point(SplitMix64 random) => Encoding.UTF8.GetBytes(Points[random.Below(Points.Length)]);

    public static byte[] Id(SplitMix64 random) => Encoding.UTF8.GetBytes(new EventId(new AgentId(random.Next()), 1 + random.Below(2), 1 + random.Below(100)).ToString());

    public static byte[] Pem(SplitMix64 _) => Encoding.UTF8.GetBytes(Signer.ToPem());

    /// <summary>Length of the header in two bytes, header, payload.</summary>
    public static byte[] Record(SplitMix64 random)
    {
        var record = new RandomMessages(random).Segment().Records[0];
        return [(byte)(record.HeaderBytes.Length >> 8), (byte)record.HeaderBytes.Length, .. record.HeaderBytes.Span, .. record.Payload.Span];
    }

    public static EventRecord Split(byte[] bytes, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, EventRecord> parse)
    {
        var length = bytes.Length < 2 ? 0 : Math.Min((bytes[0] << 8) + bytes[1], bytes.Length - 2);
        var body = bytes.AsMemory(Math.Min(2, bytes.Length));
        return parse(body[..length], body[length..]);
    }

    /// <summary>Number of a type, and a payload of it.</summary>
    public static byte[] Body(SplitMix64 random)
    {
        var draft = EventCatalogue.Draft(CatalogueTests.Samples[random.Below(CatalogueTests.Samples.Length)]);
        return [(byte)EventCatalogue.TypeNames.ToList().IndexOf(draft.Type), .. draft.Payload.Span];
    }

    /// <summary>A body that vouches for an agent, or founds a tavern.</summary>
    public static byte[] Spawn(SplitMix64 random)
    {
        EventDraft draft = EventCatalogue.Draft(random.Below(2) == 0
            ? new AgentSpawned(AgentId.FromPublicKey(Signer.PublicKey.Span), "gandalf", Signer.PublicKey.ToArray(), null)
            : new TavernFounded("inn", "jake", Signer.PublicKey.ToArray(), Signer.PublicKey.ToArray()));
        return [(byte)EventCatalogue.TypeNames.ToList().IndexOf(draft.Type), .. draft.Payload.Span];
    }

    public static void ReadBody(byte[] bytes)
    {
        if (!EventCatalogue.TryRead(RecordOf(bytes), out _)) throw new FormatException("No.");
    }

    public static void ReadVoucher(byte[] bytes)
    {
        if (Voucher.From(RecordOf(bytes)) is null) throw new FormatException("No.");
    }

    public static byte[] Signed(SplitMix64 _)
    {
        var content = new byte[8];
        return [.. Signer.PublicKey.Span, .. Signer.Sign(content)];
    }

    public static void Verify(byte[] bytes)
    {
        var keyLength = Math.Min(bytes.Length, Signer.PublicKey.Length);
        using var verifier = new EcdsaVerifier();
        if (!verifier.Verify(bytes.AsSpan(0, keyLength), new byte[8], bytes.AsSpan(keyLength))) throw new FormatException("No.");
    }

    public static byte[] TavernFile(SplitMix64 _) => Encoding.UTF8.GetBytes(
        $$"""{"schema":1,"tavern":"{{Hash.Of("x"u8)}}","name":"inn","seeds":[{"agent":"{{Jake}}","address":"http://127.0.0.1:7"}],"hosted":[{"agent":"{{Jake}}","name":"jake"}]}""");

    public static byte[] BackupManifest(SplitMix64 _) => new BackupManifest(1, DateTimeOffset.UnixEpoch, Hash.Of("x"u8).ToString(), "inn", ["jake"], "sqlite", 1, false).ToJson();

    /// <summary>A table's number, then a row of it.</summary>
    public static byte[] Row(SplitMix64 random)
    {
        StoredRow[] rows =
        [
            new StoredRow.Chain(1, new byte[16], 1, 0), new StoredRow.Holder(1, new byte[16]), new StoredRow.Event(1, 1, 1, 1, new byte[32], null, new byte[40], "{}"u8.ToArray()),
            new StoredRow.Segment(1, 1, 1, 1), new StoredRow.Receipt(1, 1, new byte[16], 2, 1, 5, 6, 0, "why not", 1), new StoredRow.Run(1, 1, 1, 1, 1, 0, 0),
            new StoredRow.Idempotency(1, "key", new byte[32], 1, 1), new StoredRow.Subscription(1, "name", 1, 1, null),
        ];
        var row = rows[random.Next() % (ulong)rows.Length];
        return [(byte)RowCodec.OrderOf(row), .. RowCodec.Encode(row).Span];
    }

    public static void ReadRow(byte[] bytes)
    {
        if (bytes.Length == 0) throw new FormatException("nothing");
        RowCodec.Decode(bytes.AsMemory(1), RowCodec.Tables[bytes[0] % RowCodec.Tables.Count]);
    }

    /// <summary>A backup with one row in each table.</summary>
    public static byte[] Backup(SplitMix64 random)
    {
        using var stream = new MemoryStream();
        using var writer = new BackupWriter(stream);
        writer.BeginPart(BackupForm.Manifest);
        writer.Add(BackupManifest(random));
        writer.BeginPart(BackupForm.TavernFile);
        writer.Add(TavernFile(random));
        foreach (var table in RowCodec.Tables)
        {
            writer.BeginPart(table);
            var row = Row(random);
            if (RowCodec.Tables[row[0]] == table) writer.Add(row.AsSpan(1));
        }

        writer.End();
        return stream.ToArray();
    }

    public static async ValueTask ReadBackupAsync(byte[] bytes) =>
        await BackupFile.ReadAsync(new MemoryStream(bytes), "it", (_, _) => { }, _ => ValueTask.CompletedTask, CancellationToken.None);

    private static EventRecord RecordOf(byte[] bytes)
    {
        var type = EventCatalogue.TypeNames[bytes.Length == 0 ? 0 : bytes[0] % EventCatalogue.TypeNames.Count];
        var payload = bytes.AsMemory(Math.Min(1, bytes.Length));
        var header = new EventHeader(Jake.At(1), default, new HybridTime(1, 0), type, 1, [], null, Hash.Of(payload.Span), null);
        return EventRecord.Create(header, payload);
    }
}
