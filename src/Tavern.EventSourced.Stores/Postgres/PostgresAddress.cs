using System.Buffers;
using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>Where a store is: a server, a database, a schema. Its text names them for people and holds no password.</summary>
internal sealed class PostgresAddress
{
    private const int SchemaCharsMax = 63; // PostgreSQL cuts longer names off: NAMEDATALEN - 1
    private const int ReadersMax = 32; // an enumeration keeps its connection; the server's own default is 100 for everybody

    private static readonly SearchValues<char> SchemaChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly string[] UrlSchemes = ["postgres://", "postgresql://"]; // of libpq's connection URIs

    private const string MartenSuffix = "_marten";

    private readonly string _connectionString;
    private readonly string _text;

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It cannot be read, or the schema's name is none.</exception>
    public PostgresAddress(string connectionString, string schema)
        : this(connectionString, schema, schema)
    {
    }

    private PostgresAddress(string connectionString, string schema, string searchPath)
    {
        if (schema.Length is 0 or > SchemaCharsMax || char.IsAsciiDigit(schema[0]) || schema.AsSpan().ContainsAnyExcept(SchemaChars))
            throw new ArgumentException($"'{schema}' is not a schema's name; expected 1 to {SchemaCharsMax} of a to z, 0 to 9 and _, no digit first.");
        var settings = Read(connectionString);
        (_connectionString, Schema) = (connectionString, schema);
        settings.SearchPath = searchPath;
        settings.ApplicationName ??= "tavern";
        settings.NoResetOnClose = true; // nothing of ours changes a session: one message less for each loan
        settings.MaxAutoPrepare = 64; // more than there are statements
        settings.AutoPrepareMinUsages = 2;
        settings.Enlist = false;
        if (!settings.ShouldSerialize("Maximum Pool Size")) settings.MaxPoolSize = ReadersMax;
        Readers = settings.ToString();
        settings.Pooling = false; // closing must close: what a broken connection left behind is fenced, not reused
        Writer = settings.ToString();
        _text = $"{settings.Host}{(settings.Port == NpgsqlConnection.DefaultPort ? "" : $":{settings.Port}")}/{settings.Database ?? settings.Username}, schema {schema}";
    }

    /// <summary>The schema's name; needs no quotes.</summary>
    public string Schema { get; }

    /// <summary>How readers connect. Holds the password, if there is one.</summary>
    public string Readers { get; }

    /// <summary>How the writer connects. Holds the password, if there is one.</summary>
    public string Writer { get; }

    /// <summary>Where Marten reads this store: <c>SCHEMA_marten</c>, made of what is in the node's schema.</summary>
    /// <exception cref="StoreRefusedException">There is no room for the longer name.</exception>
    public PostgresAddress Marten => Schema.Length + MartenSuffix.Length <= SchemaCharsMax
        ? new PostgresAddress(_connectionString, Schema + MartenSuffix, $"{Schema + MartenSuffix},{Schema}")
        : throw new StoreRefusedException(
            $"{this} has no room beside it for Marten: {Schema + MartenSuffix} has {Schema.Length + MartenSuffix.Length} characters, a schema's name up to {SchemaCharsMax}. Rename the schema, and name it in store.json.");

    /// <summary>Parses a connection string.</summary>
    /// <exception cref="ArgumentException">It cannot be read, is a URL, or names no host. A URL is not repeated: it may hold a password.</exception>
    public static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        if (UrlSchemes.Any(scheme => connectionString.TrimStart().StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
            throw new ArgumentException("The connection string is a URL; none is taken here. Write postgres://USER@HOST:PORT/NAME as Host=HOST;Port=PORT;Database=NAME;Username=USER.");
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException) // what Npgsql makes of words it does not know
        {
            throw new ArgumentException($"The connection string cannot be read: {e.Message} Expected one like Host=db.example;Database=tavern;Username=tavern.", e);
        }

        return string.IsNullOrWhiteSpace(settings.Host)
            ? throw new ArgumentException("The connection string names no host; expected one like Host=db.example;Database=tavern;Username=tavern.")
            : settings;
    }

    public override string ToString() => _text;
}
