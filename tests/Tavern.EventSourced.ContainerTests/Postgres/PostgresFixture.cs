using System.Globalization;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>The server that all tests of the PostgreSQL store share: the one that <c>TAVERN_TEST_POSTGRES</c> names by a connection string, else one
/// of their own. Each test has schemas of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly string _run = Guid.NewGuid().ToString("n")[..8];
    private PostgresServer? _server;
    private int _schemas;

    /// <summary>Connects as a role that may do everything.</summary>
    public async Task<string> ConnectionStringAsync()
    {
        if (Environment.GetEnvironmentVariable("TAVERN_TEST_POSTGRES") is { Length: > 0 } given) return given;
        return (_server ??= await PostgresServer.StartNewAsync()).ConnectionString;
    }

    /// <summary>A name that no other test has.</summary>
    public string NewSchema() => string.Create(CultureInfo.InvariantCulture, $"tavern_test_{_run}_{++_schemas}");

    /// <summary>Nothing: where there is no server, each test says so.</summary>
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}

/// <summary>Tests that share the server; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
