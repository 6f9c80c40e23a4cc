using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>One step of the schema, embedded in the assembly as <c>migrations/sqlite/0001_name.sql</c>. Once released, never changed.</summary>
/// <param name="Number">From 1, without holes.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Script">SQL.</param>
internal sealed record SqliteMigration(int Number, string Name, string Script)
{
    private const string Folder = "migrations/sqlite/";

    /// <summary>All steps this version knows, by number.</summary>
    public static ImmutableArray<SqliteMigration> All { get; } = Load();

    /// <summary>SHA-256 of the script.</summary>
    public Hash Checksum { get; } = Hash.Of(Encoding.UTF8.GetBytes(Script));

    private static ImmutableArray<SqliteMigration> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Read(assembly, name)),
        ];
    }

    private static SqliteMigration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        var name = resource[Folder.Length..];
        return new SqliteMigration(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }
}
