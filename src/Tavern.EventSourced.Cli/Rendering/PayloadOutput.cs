using System.Text;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A payload alone.</summary>
internal static class PayloadOutput
{
    /// <summary>Its bytes as written, checked against the hash that the header names; for a terminal, its lines made safe.</summary>
    /// <exception cref="CliException">The bytes are not those of the header.</exception>
    public static void Write(Terminal terminal, RecordAnswer record)
    {
        if (BytesOf(record) is not { } bytes || !Hash.Of(bytes).ToString().Equals(record.PayloadHash, StringComparison.Ordinal))
            throw new CliException(ExitCode.VerificationFailed, $"The payload that arrived is not the one of {record.Id}: its hash differs.", $"bytes whose SHA-256 is {record.PayloadHash}");
        if (terminal.TryWriteBytes(bytes)) return;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n')) terminal.Line(new Styled(SafeText.OneLine(line.TrimEnd('\r'), int.MaxValue)));
    }

    private static byte[]? BytesOf(RecordAnswer record)
    {
        if (record.PayloadBase64 is not { } base64) return record.Payload is { } payload ? Encoding.UTF8.GetBytes(payload.GetRawText()) : null;
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var count) ? bytes[..count] : null;
    }
}
