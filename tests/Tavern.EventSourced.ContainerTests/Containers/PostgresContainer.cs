using System.Globalization;
using Npgsql;
using Tavern.EventSourced.ContainerTests.Containers.Docker;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>A PostgreSQL server in a container, reached from this machine over TCP and with a password.</summary>
public sealed class PostgresContainer(ContainersFixture containers) : IAsyncLifetime
{
    private const string Password = "made for this test";

    private Container? _server;
    private Network? _network;
    private int _schemas;

    /// <summary>A name that no other test has.</summary>
    public string NewSchema() => string.Create(CultureInfo.InvariantCulture, $"tavern_test_{++_schemas}");

    /// <summary>Connects as a role that may do everything. Skips the test where there is no engine.</summary>
    public async Task<string> ConnectionStringAsync()
    {
        if (_server is null)
        {
            var engine = await containers.EngineAsync();
            _network = await Network.CreateAsync(engine);
            _server = await new ContainerBuilder(engine).WithImage("postgres:15").WithNetwork(_network).WithPortBinding(5432)
                .WithEnvironment("POSTGRES_USER", "tavern").WithEnvironment("POSTGRES_DB", "tavern").WithEnvironment("POSTGRES_PASSWORD_FILE", "/tmp/password")
                .WithTmpfsMount("/tmp").WithEntrypoint("sh").WithCommand("-c", $"echo '{Password}' > /tmp/password; exec $(command -v docker-entrypoint.sh postgres-container | head -n 1) postgres")
                .WithWaitStrategy(AnswersAsync).CreateAsync();
            await _server.StartAsync();
        }

        return await ConnectionStringAsync(_server);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null) await _server.DisposeAsync();
        if (_network is not null) await _network.DisposeAsync();
    }

    private static async Task<string> ConnectionStringAsync(Container server) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = await server.GetMappedPublicPortAsync(5432),
        Database = "tavern",
        Username = "tavern",
        Password = Password,
    }.ToString();

    private static async Task<bool> AnswersAsync(Container server)
    {
        try
        {
            await using var connection = new NpgsqlConnection(await ConnectionStringAsync(server) + ";Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
