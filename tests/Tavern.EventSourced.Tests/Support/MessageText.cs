using System.Globalization;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Messages as text, every field of them, so that two can be compared by content and a difference can be read.</summary>
public static class MessageText
{
    public static string Of(GossipEnvelope envelope) => $"{envelope.Tavern:x32} {envelope.From} -> {envelope.To}: {Of(envelope.Message)}";

    public static string Of(GossipMessage message) => message switch
    {
        GossipMessage.Syn syn => Text(
            $"Syn {syn.Exchange} {syn.Incarnation} {syn.Fingerprint} [{Claims(syn.Changed)}] {Page(syn.Page)} {syn.Nonce} [{string.Join(',', syn.Rumours)}]"),
        GossipMessage.SynAck ack => Text(
            $"SynAck {ack.Incarnation} {ack.Fingerprint} [{Claims(ack.Claims)}] [{string.Join(',', ack.Wants.Select(Want))}] {ack.Nonce} {ack.ClockHash} [{string.Join(',', ack.Rumours)}] {ack.Room}"),
        GossipMessage.Push push => Text(
            $"Push {push.Exchange} [{string.Join(',', push.Frame.Select(Segment))}] [{string.Join(',', push.Wants.Select(Want))}] {push.More} [{string.Join(',', push.Unreadable)}] {push.Room}"),
        GossipMessage.Probe probe => Text($"Probe {probe.Incarnation} {probe.Target} [{string.Join(',', probe.Rumours)}]"),
        GossipMessage.Alive alive => Text($"Alive {alive.Incarnation} [{string.Join(',', alive.Rumours)}]"),
        GossipMessage.Ask ask => Text($"Ask {ask.Nonce} {Hex(ask.Content)}"),
        GossipMessage.Answer answer => $"Answer {Hex(answer.Content)} {Hex(answer.Signature)}",
        _ => message.ToString(),
    };

    private static string Segment(FrameSegment frame) =>
        Text($"{frame.Hop} {Hex(frame.Segment.Signature)} {string.Join(',', frame.Segment.Records.Select(record => $"{Hex(record.HeaderBytes)}/{Hex(record.Payload)}"))}");

    private static string Want(Want want) => $"{want.Chain} {want.First}..{want.Last} {want.Term} {string.Join('+', want.Points)}";

    private static string Page(ClockPage? page) => page is null ? "-" : $"{page.After}..{page.Through} [{Claims(page.Entries)}]";

    private static string Claims(IEnumerable<ClockClaim> claims) => string.Join(',', claims);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
