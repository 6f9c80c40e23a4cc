using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>A row of <c>mt_events</c>, as the server answers or as a record says it should be. Equal when all columns are.</summary>
internal sealed partial record MartenRow
{
    /// <summary>All columns, in the order of the view.</summary>
    public const string Columns =
        "seq_id, id, stream_id, version, data, bdata, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, is_archived";

    public required long Sequence { get; init; }

    public required Guid Id { get; init; }

    public required string Stream { get; init; }

    public required long Version { get; init; }

    /// <summary>As <see cref="Canonical"/> writes it.</summary>
    public required string Data { get; init; }

    public required string Type { get; init; }

    public required DateTime At { get; init; }

    public required string? Correlation { get; init; }

    public required string? Causation { get; init; }

    /// <summary>As <see cref="Canonical"/> writes it.</summary>
    public required string Headers { get; init; }

    public required bool Archived { get; init; }

    /// <summary>What a record should be shown as.</summary>
    /// <param name="record">From a log.</param>
    /// <param name="position">In the order of arrival, from 1.</param>
    /// <param name="casts">Whether its payload can be cast.</param>
    /// <param name="clock">What its writer had heard.</param>
    public static MartenRow Of(EventRecord record, long position, bool casts, JsonObject clock)
    {
        var header = record.Header;
        var headers = new JsonObject { ["hash"] = record.Hash.ToString(), ["previous"] = header.Previous.ToString(), ["typeVersion"] = header.TypeVersion, ["clock"] = clock };
        if (!header.Type.Contains('\0', StringComparison.Ordinal)) headers["type"] = header.Type;
        if (header.Causes.Length > 0) headers["causes"] = new JsonArray([.. header.Causes.Select(cause => JsonValue.Create(cause.ToString()))]);
        if (header.Deps is { } deps) headers["dependencies"] = new JsonArray([.. deps.Heads.Select(head => JsonValue.Create(head.ToString()))]);
        var trace = TraceParent().Match(header.TraceParent ?? "") is { Success: true } match ? match.Groups[1].Value : null;
        if (trace is not null) headers["trace"] = trace;
        if (!casts) headers["payload"] = "left out: PostgreSQL cannot cast it to jsonb";
        return new MartenRow
        {
            Sequence = position,
            Id = Guid.Parse(record.Hash.ToString()[..32]),
            Stream = record.Id.Chain.ToString(),
            Version = record.Id.Sequence,
            Data = casts ? Canonical(record.Payload.ToArray()) : "{}",
            Type = PascalName().IsMatch(header.Type) ? WordStart().Replace(header.Type, "_").ToLowerInvariant() : header.Type.Replace('\0', '\ufffd'),
            At = DateTime.UnixEpoch.AddMilliseconds(header.Time.Milliseconds),
            Correlation = trace,
            Causation = header.Causes.Length > 0 ? header.Causes[0].ToString() : null,
            Headers = Canonical(JsonSerializer.SerializeToUtf8Bytes(headers)),
            Archived = record.Id.Branch > 0,
        };
    }

    /// <summary>Reads a row of <see cref="Columns"/>, and checks those that are the same everywhere.</summary>
    public static MartenRow Read(NpgsqlDataReader row)
    {
        Assert.True(row.IsDBNull(5), "bdata is null");
        Assert.Equal("*DEFAULT*", row.GetString(8));
        Assert.Equal("", row.GetString(9));
        return new MartenRow
        {
            Sequence = row.GetInt64(0),
            Id = row.GetGuid(1),
            Stream = row.GetString(2),
            Version = row.GetInt64(3),
            Data = Canonical(row.GetFieldValue<byte[]>(4)),
            Type = row.GetString(6),
            At = row.GetDateTime(7),
            Correlation = row.IsDBNull(10) ? null : row.GetString(10),
            Causation = row.IsDBNull(11) ? null : row.GetString(11),
            Headers = Canonical(row.GetFieldValue<byte[]>(12)),
            Archived = row.GetBoolean(13),
        };
    }

    /// <summary>JSON with its properties sorted, of equal names the last, and numbers by value: what <c>jsonb</c> keeps of a text.</summary>
    private static string Canonical(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return Sorted(document.RootElement);
    }

    private static string Sorted(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().GroupBy(property => property.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => JsonSerializer.Serialize(group.Key) + ":" + Sorted(group.Last().Value))) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Sorted)) + "]",
        JsonValueKind.Number => ByValue(value.GetRawText()),
        JsonValueKind.String => JsonSerializer.Serialize(value.GetString()),
        _ => value.GetRawText(),
    };

    /// <summary>Digits without zeros at their ends, and the power of ten that they are multiplied by.</summary>
    private static string ByValue(string number)
    {
        var parts = number.ToLowerInvariant().Split('e');
        var power = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var mantissa = parts[0].TrimStart('-');
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0) power -= mantissa.Length - point - 1;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var kept = digits.TrimEnd('0');
        return kept.Length == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{(number[0] == '-' ? "-" : "")}{kept}e{power + digits.Length - kept.Length}");
    }

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*$")]
    private static partial Regex PascalName();

    [GeneratedRegex("(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z0-9])(?=[A-Z0-9][a-z])")]
    private static partial Regex WordStart();

    [GeneratedRegex("^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")]
    private static partial Regex TraceParent();
}
