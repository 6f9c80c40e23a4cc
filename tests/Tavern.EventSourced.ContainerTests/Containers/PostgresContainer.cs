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
    private Volume? _secret;
    private int _schemas;

    /// <summary>A name that no other test has.</summary>
    public string NewSchema() => string.Create(CultureInfo.InvariantCulture, $"tavern_test_{++_schemas}");

    /// <summary>Connects as a role that may do everything. Skips the test where there is no engine.</summary>
    public async Task<string> ConnectionStringAsync()
    {
        if (_server is null)
        {
            var engine = await containers.EngineAsync();
            (_network, _secret) = (await Network.CreateAsync(engine), await Volume.CreateAsync(engine));
            var postgres = new ContainerBuilder(engine).WithImage("postgres:15").WithVolumeMount(_secret, "/secret");
            await postgres.WithUser("root").WithEntrypoint("sh").WithCommand("-c", $"printf %s '{Password}' > /secret/password && chmod 444 /secret/password").RunToEndAsync();
            _server = await postgres.WithNetwork(_network).WithPortBinding(5432)
                .WithEnvironment("POSTGRES_USER", "tavern").WithEnvironment("POSTGRES_DB", "tavern").WithEnvironment("POSTGRES_PASSWORD_FILE", "/secret/password")
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
        if (_secret is not null) await _secret.DisposeAsync();
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
