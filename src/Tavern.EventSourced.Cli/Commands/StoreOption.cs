using System.CommandLine;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>--store</c>: a log in a PostgreSQL server instead of the data folder.</summary>
internal static class StoreOption
{
    /// <summary>Makes it.</summary>
    public static Option<string?> Create() => Arg.Option<string>(
        "--store", "CONNECTION", "Keep the log in PostgreSQL, e.g. \"Host=db;Database=tavern;Username=jake\". Remembered without a password: that comes from ~/.pgpass or PGPASSWORD.");

    /// <summary>Reads what was typed; null when nothing was.</summary>
    /// <exception cref="CliException">It is no connection string, or holds a password.</exception>
    public static StoreFile? Read(string? text, string name)
    {
        try
        {
            return text is null ? null : StoreFile.Parse(text, name);
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, e.Message, "Npgsql's connection string, without a password", "--store \"Host=db.example;Database=tavern;Username=tavern\"");
        }
    }

    /// <summary>True when what was typed names the schema, too.</summary>
    public static bool NamesSchema(string? text) => text?.Contains("Search Path", StringComparison.OrdinalIgnoreCase) ?? false;

    /// <summary>Puts a store into a folder's file until the change is kept.</summary>
    public static StoreChange Begin(string folder, StoreFile? store) => new(folder, store);

    /// <summary>What a running folder's store becomes: the address may change, the kind of store not, nor the schema once there is a log.</summary>
    /// <exception cref="CliException">The log is elsewhere.</exception>
    public static StoreFile? Move(string folder, string? text)
    {
        var (file, held) = (TavernFile.Read(folder), StoreFile.Find(folder));
        if (Read(text, file.Hosted[0].Name) is not { } given) return held;
        if (!file.Stored) return given;
        if (held is null)
            throw new CliException(ExitCode.Conflict, $"The log of {folder} is in its events.db; it cannot be moved to a server.", "no --store", $"tavern node --data {ShellWord.Of(folder)}");
        if (NamesSchema(text) && given.Schema != held.Schema)
            throw new CliException(ExitCode.Conflict, $"The log of {folder} is in the schema {held.Schema}, not {given.Schema}.", "the same schema, or none named");
        return given with { Schema = held.Schema };
    }
}

/// <summary>A change of store.json that is taken back unless it is kept, with the folder that was made for it.</summary>
internal sealed class StoreChange : IDisposable
{
    private readonly string _folder;
    private readonly StoreFile? _before;
    private readonly FolderAttempt _attempt;
    private readonly bool _changed;
    private bool _kept;

    public StoreChange(string folder, StoreFile? store)
    {
        (_folder, _before, _attempt, _changed) = (folder, StoreFile.Find(folder), new FolderAttempt(folder), store is not null);
        store?.Write(folder);
    }

    /// <summary>The change stays.</summary>
    public void Keep()
    {
        _kept = true;
        _attempt.Keep();
    }

    public void Dispose()
    {
        if (_changed && !_kept)
        {
            if (_before is null) StoreFile.Remove(_folder);
            else _before.Write(_folder);
        }

        _attempt.Dispose();
    }
}
