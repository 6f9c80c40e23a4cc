using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>A PostgreSQL server of its own in a temporary folder, reached through a socket in that folder; it syncs. As root it runs as the
/// user <c>postgres</c>, because a server refuses to run as root. It ends with the process that started it, also when that is killed.</summary>
internal sealed partial class PostgresServer : IAsyncDisposable
{
    private const string Packages = "/usr/lib/postgresql"; // where Debian keeps the servers of each version, outside PATH
    private const string OnDisk = "/var/tmp"; // survives a new start of the machine, so it is on a disk; /tmp may be memory

    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1); // after a kill on a busy machine it replays its log first

    private readonly string _programs;
    private readonly string _folder;
    private Process? _keeper;

    private PostgresServer(string programs)
    {
        _programs = programs;
        _folder = Path.Combine(Directory.Exists(OnDisk) ? OnDisk : Path.GetTempPath(), "tavern-pg-" + Path.GetRandomFileName());
    }

    /// <summary>How to connect, to any database of it.</summary>
    public string ConnectionString => $"Host={_folder};Username=postgres;Database=postgres";

    /// <summary>The socket that clients connect to.</summary>
    public string Socket => Path.Combine(_folder, ".s.PGSQL.5432");

    /// <summary>The kind of file system that its data are on.</summary>
    public string FileSystem => new DriveInfo(_folder).DriveFormat;

    private string Data => Path.Combine(_folder, "data");

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Where the server's programs are; null when they are not installed.</summary>
    public static string? FindPrograms()
    {
        var packaged = Directory.Exists(Packages) ? Directory.GetDirectories(Packages).Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).Reverse() : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return packaged.Concat(onPath).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    /// <summary>Makes one and starts it.</summary>
    /// <param name="programs">The folder that holds <c>initdb</c> and <c>postgres</c> (<see cref="FindPrograms"/>).</param>
    public static async Task<PostgresServer> StartNewAsync(string programs)
    {
        var server = await WithFolderAsync(programs);
        await RunAsync(server.AsServer(Path.Combine(programs, "initdb"), "-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"));
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        using var deadline = new CancellationTokenSource(StartMax);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            Launch();
            while (!_keeper!.HasExited)
            {
                if (await AnswersAsync()) return;
                await timer.WaitForNextTickAsync(deadline.Token);
            }

            await timer.WaitForNextTickAsync(deadline.Token); // processes of one that was killed still hold its memory: again
        }
    }

    /// <summary>Ends every process of it with SIGKILL, as a power failure would.</summary>
    public async Task KillAsync()
    {
        var main = int.Parse((await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0], CultureInfo.InvariantCulture);
        var children = (await File.ReadAllTextAsync($"/proc/{main}/task/{main}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var pid in children.Select(child => int.Parse(child, CultureInfo.InvariantCulture)).Prepend(main))
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (ArgumentException)
            {
                // Gone already: a backend whose client left.
            }
        }

        await _keeper!.WaitForExitAsync();
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        if (_keeper is null) return;
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync();
        _keeper.Dispose();
        _keeper = null;
    }

    /// <summary>Copies all that a stopped server keeps, as a base copy does.</summary>
    public Task CopyDataAsync(string name) => RunAsync("cp", "-a", Data, Path.Combine(_folder, name));

    /// <summary>Puts such a copy in the place of what a stopped server keeps.</summary>
    public async Task PutBackAsync(string name)
    {
        Directory.Delete(Data, recursive: true);
        await RunAsync("mv", Path.Combine(_folder, name), Data);
    }

    /// <summary>Makes a standby that follows this server, and starts it.</summary>
    public async Task<PostgresServer> StartStandbyAsync()
    {
        var standby = await WithFolderAsync(_programs);
        await RunAsync(AsServer(Path.Combine(_programs, "pg_basebackup"), "-D", standby.Data, "-d", $"host={_folder} user=postgres", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"));
        await standby.StartAsync();
        return standby;
    }

    /// <summary>Carries out a statement as the superuser; the first column of its first row.</summary>
    public Task<object?> AskAsync(string sql) => AskAsync(ConnectionString, sql);

    public static async Task<object?> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Lets the server's user write to a folder.</summary>
    public static Task GiveFolderAsync(string folder) => IsRoot ? RunAsync("chown", "postgres", folder) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        NpgsqlConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<PostgresServer> WithFolderAsync(string programs)
    {
        var server = new PostgresServer(programs);
        await RunAsync("mkdir", "-m", "700", server._folder); // whoever reaches the socket is let in
        if (IsRoot) await RunAsync("chown", "postgres", server._folder);
        return server;
    }

    // The shell lives as long as its input is open: nothing that ends the tests leaves a server behind.
    private void Launch()
    {
        string[] command = AsServer(
            "sh", "-c", "\"$@\" > \"$0\" 2>&1 & server=$!; ( cat > /dev/null; kill -INT $server 2> /dev/null ) <&3 & wait $server",
            Path.Combine(_folder, "log"), Path.Combine(_programs, "postgres"), "-D", Data, "-k", _folder, "-c", "listen_addresses=");
        _keeper = Process.Start(StartOf("sh", ["-c", "exec 3<&0; exec \"$@\"", "sh", .. command]))!;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await AskAsync("select 1") is 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private string[] AsServer(params string[] command) => IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", .. command] : command;

    private static async Task RunAsync(params string[] command)
    {
        var start = StartOf(command[0], command[1..]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}: {await output}{await errors}");
    }

    private static ProcessStartInfo StartOf(string program, string[] words) =>
        new(program, words) { RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = "/" };
}
