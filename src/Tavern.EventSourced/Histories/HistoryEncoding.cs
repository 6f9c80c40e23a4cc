using System.Text;

namespace Tavern.EventSourced.Histories;

/// <summary>Turns a file's bytes into text: UTF-8 with or without a byte order mark, UTF-16 with one.</summary>
internal static class HistoryEncoding
{
    /// <summary>The text, without the mark.</summary>
    /// <exception cref="MalformedHistoryException">The bytes are not text, or there are none.</exception>
    public static string TextOf(HistorySource source)
    {
        var bytes = source.Content.Span;
        Encoding encoding = bytes switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        };
        try
        {
            var text = encoding.GetString(bytes.StartsWith(encoding.Preamble) ? bytes[encoding.Preamble.Length..] : bytes);
            return !string.IsNullOrWhiteSpace(text)
                ? text
                : throw new MalformedHistoryException(source.File, null, "the file is empty.", "Expected a recorded history; is it the right file?");
        }
        catch (DecoderFallbackException e)
        {
            var line = 1 + bytes[..Math.Clamp(e.Index, 0, bytes.Length)].Count((byte)'\n');
            throw new MalformedHistoryException(
                source.File, $"line {line}", "the bytes are not text.", "Expected UTF-8, or UTF-16 with a byte order mark; convert the file, e.g. with iconv.");
        }
    }
}
